-- The worker $2 is done with the run $1. $3: whether the run stays in the queue; $4: in how many seconds it is tried again after an
-- attempt that failed, else NULL; $5: the error with which it stopped, which the run may not have recorded itself, else NULL; $6:
-- the outcome with this error. A plan stays planned.
WITH job AS (
  UPDATE dasy.jobs
     SET worker = NULL,
         waiting = $3,
         attempts = attempts + ($4::integer IS NOT NULL)::integer,
         next_try = now() + make_interval(secs => coalesce($4, 0))
   WHERE run = $1
     AND worker = $2
  RETURNING run, action
)
UPDATE dasy.runs AS r
   SET outcome = CASE WHEN job.action = 'run' THEN $6 ELSE 'planned' END,
       error = $5,
       ended_at = clock_timestamp(),
       touched_at = clock_timestamp()
  FROM job
 WHERE r.run = job.run
   AND $5::jsonb IS NOT NULL
   AND r.state <> 'ended'
   AND (job.action <> 'run') = (r.outcome IS NOT DISTINCT FROM 'planned')
   AND NOT {is_alive}
