-- Puts a run into the queue that has stopped, or a plan that is to be applied or made again: the action $3. No row: it has ended,
-- waits in the queue already, or is at work.
WITH run AS (
  UPDATE dasy.runs AS r
     SET outcome = CASE WHEN $3 = 'run' THEN NULL ELSE r.outcome END,
         error = NULL,
         ended_at = CASE WHEN $3 = 'run' THEN NULL ELSE r.ended_at END
   WHERE r.run = $1
     AND r.state <> 'ended'
     AND ($3 <> 'run') = (r.outcome IS NOT DISTINCT FROM 'planned')
     AND NOT {is_queued}
     AND NOT {is_alive}
  RETURNING r.run
)
INSERT INTO dasy.jobs AS j (run, queue, action, host, tuning, max_attempts)
SELECT run, $2, $3, $4, $5, $6
  FROM run
    ON CONFLICT (run) DO UPDATE
   SET action = excluded.action,
       host = excluded.host,
       tuning = excluded.tuning,
       max_attempts = excluded.max_attempts,
       pinned = false,
       waiting = true,
       attempts = 0,
       next_try = now(),
       worker = NULL,
       enqueued_at = now()
RETURNING run
