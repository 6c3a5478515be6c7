-- Puts a run that has failed into the queue again, or lets one that waits be tried at once. $2: any host may do it.
WITH run AS (
  UPDATE dasy.runs AS r
     SET outcome = NULL,
         error = NULL,
         ended_at = NULL
   WHERE r.run = $1
     AND r.state <> 'ended'
     AND r.outcome IS DISTINCT FROM 'planned'
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
