-- Begins a run and takes its lock, before other sessions can see it.
INSERT INTO dasy.runs (command, target, key, options, workers, host, pid, doubts, undoes, backend)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, pg_backend_pid())
RETURNING run, pg_try_advisory_lock({run_locks}, run::integer)
