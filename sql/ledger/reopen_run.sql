-- Begins another attempt at a run that stopped. $6 is the earlier attempt of this process, or NULL: if another process has
-- begun one since, no row is updated. $7: whether it was taken from the queue; then it may have been cancelled meanwhile.
UPDATE dasy.runs
   SET outcome = NULL,
       rows = NULL,
       seconds = NULL,
       error = NULL,
       ended_at = NULL,
       touched_at = clock_timestamp(),
       options = $2,
       workers = $3,
       host = $4,
       pid = $5,
       backend = pg_backend_pid(),
       attempt = attempt + 1
 WHERE run = $1
   AND state <> 'ended'
   AND ($6::integer IS NULL OR attempt = $6)
   AND NOT ($7 AND coalesce(error ->> 'code' = 'CANCELLED_BY_USER', false))
RETURNING attempt
