-- Begins an attempt to apply a planned run, which stays planned meanwhile, by the process $3 of the host $2. $4 is the earlier attempt
-- of this process, or NULL: if another process has begun one since, no row is updated. $5: whether it was taken from the queue;
-- then it may have been cancelled meanwhile.
UPDATE dasy.runs
   SET error = NULL,
       touched_at = clock_timestamp(),
       host = $2,
       pid = $3,
       backend = pg_backend_pid(),
       attempt = attempt + 1
 WHERE run = $1
   AND outcome = 'planned'
   AND ($4::integer IS NULL OR attempt = $4)
   AND NOT ($5 AND coalesce(error ->> 'code' = 'CANCELLED_BY_USER', false))
RETURNING attempt
