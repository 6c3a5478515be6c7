INSERT INTO dasy.jobs (run, queue, host, tuning, max_attempts, pinned)
VALUES ($1, $2, $3, $4, $5, $6)
