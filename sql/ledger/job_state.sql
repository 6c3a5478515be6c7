-- The state of the job j of the run r, as "dasy jobs" shows it.
CASE
  WHEN {is_queued} THEN CASE WHEN {is_alive} OR j.worker IS NOT NULL AND {is_worker_alive} THEN 'running' ELSE 'waiting' END
  WHEN r.outcome IN ('completed', 'planned') AND r.error IS NULL THEN 'done'
  ELSE 'failed'
END
