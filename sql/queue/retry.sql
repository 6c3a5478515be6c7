-- Puts a run that has failed into the queue again, or lets one that waits be tried at once. $2: any host may do it.
WITH run AS (
  UPDATE dasy.runs AS r
     SET outcome = CASE WHEN j.action = 'run' THEN NULL ELSE 'planned' END,
         error = NULL,
         ended_at = CASE WHEN j.action = 'run' THEN NULL ELSE r.ended_at END
    FROM dasy.jobs AS j
   WHERE r.run = $1
     AND j.run = r.run
     AND {is_to_do}
     AND NOT {is_alive}
  RETURNING r.run
)
UPDATE dasy.jobs AS j
   SET waiting = true,
       attempts = 0,
       next_try = now(),
       worker = NULL,
       host = CASE WHEN $2 THEN NULL ELSE j.host END
  FROM run
 WHERE j.run = run.run
RETURNING j.queue
