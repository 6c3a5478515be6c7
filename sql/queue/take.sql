-- Takes the oldest run of the queue $1 for the worker $2 of the host $3, if it is for this host, due, and nobody's. If not,
-- "run" is NULL; then "free" tells whether it waits for its time or its host. No row: the queue is empty.
WITH head AS MATERIALIZED ({heads}),
taken AS (
  UPDATE dasy.jobs AS j
     SET worker = $2
    FROM head
   WHERE j.run = head.run
     AND j.waiting
     AND (head.host IS NULL OR head.host = $3)
     AND head.next_try <= now()
     AND NOT head.alive
     AND (j.worker IS NULL OR j.worker = $2 OR NOT {is_worker_alive})
  RETURNING j.run, j.action, j.tuning, j.attempts, j.max_attempts, j.pinned, j.request,
            -- Its commit does not wait for the log: a crash of the server ends the worker's sessions too, and the run is nobody's again.
            set_config('synchronous_commit', 'off', true),
            -- Since it could have been begun.
            greatest(extract(epoch FROM clock_timestamp() - greatest(j.enqueued_at, j.next_try)), 0)::float8 AS waited
)
SELECT taken.run,
       taken.action,
       taken.tuning,
       taken.attempts,
       taken.max_attempts,
       taken.pinned,
       taken.request,
       taken.waited,
       head.begun,
       head.table,
       NOT head.alive AND NOT head.has_worker AS free
  FROM head
  LEFT JOIN taken ON taken.run = head.run
