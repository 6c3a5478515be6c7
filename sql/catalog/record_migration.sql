INSERT INTO dasy.migrations (number, name, checksum)
VALUES ($1, $2, $3)
