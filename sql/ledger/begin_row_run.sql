-- Begins a run that the same transaction ends: nobody sees it before, so it needs no lock.
INSERT INTO dasy.runs (command, target, key, options, workers, host, pid, backend)
VALUES ('row', $1, $2, '{}', 0, $3, $4, pg_backend_pid())
RETURNING run
