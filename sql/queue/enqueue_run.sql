-- A run that waits in the queue: no attempt has been made at it.
INSERT INTO dasy.runs (command, target, key, options, workers, undoes, attempt)
VALUES ($1, $2, $3, $4, $5, $6, 0)
RETURNING run
