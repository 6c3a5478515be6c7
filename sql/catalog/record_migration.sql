INSERT INTO dasy.migrations (number, name)
VALUES ($1, $2)
