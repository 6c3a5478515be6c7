INSERT INTO dasy.sources (run, ordinal, kind, location, bytes, repeatable, identity)
VALUES ($1, $2, $3, $4, $5, $6, $7)
