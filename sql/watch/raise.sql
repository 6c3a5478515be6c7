-- Something went wrong. No row: it is known.
INSERT INTO dasy.alerts (cause, dataset, place, path, file, run, message)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (cause, dataset, place, path) WHERE cleared_at IS NULL DO NOTHING
RETURNING alert, cause, dataset, file, run, message, raised_at AS at
