INSERT INTO dasy.runs (command, target, key, options, workers)
VALUES ($1, $2, $3, $4, $5)
RETURNING run
