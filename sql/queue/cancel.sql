-- Takes a run out of the queue, or from the process that is at work at it: an earlier attempt can write no more. A
-- plan stays planned. $2 is the error.
WITH cancelled AS (
  UPDATE dasy.runs AS r
     SET attempt = r.attempt + 1,
         outcome = CASE WHEN r.outcome = 'planned' THEN 'planned' ELSE 'interrupted' END,
         error = $2,
         ended_at = clock_timestamp(),
         touched_at = clock_timestamp()
   WHERE r.run = $1
     AND r.state <> 'ended'
     AND ({is_queued} OR {is_alive})
  RETURNING r.run, r.outcome
),
job AS (
  UPDATE dasy.jobs AS j
     SET waiting = false,
         worker = NULL
    FROM cancelled AS c
   WHERE j.run = c.run
  RETURNING j.queue
)
SELECT outcome,
       (SELECT queue FROM job) AS queue
  FROM cancelled
