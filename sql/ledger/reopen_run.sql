-- Begins another attempt at a run that stopped and is no plan, by the process $3 of the host $2. $4 is the earlier attempt of this
-- process, or NULL: if another process has begun one since, no row is updated. $5: whether it was taken from the queue; then it may
-- have been cancelled meanwhile. $6 are its options, $7 its workers.
UPDATE dasy.runs
   SET outcome = NULL,
       rows = NULL,
       seconds = NULL,
       error = NULL,
       ended_at = NULL,
       touched_at = clock_timestamp(),
       options = $6,
       workers = $7,
       host = $2,
       pid = $3,
       backend = pg_backend_pid(),
       attempt = attempt + 1
 WHERE run = $1
   AND state <> 'ended'
   AND outcome IS DISTINCT FROM 'planned'
   AND ($4::integer IS NULL OR attempt = $4)
   AND NOT ($5 AND coalesce(error ->> 'code' = 'CANCELLED_BY_USER', false))
RETURNING attempt
