-- The status of the run r. Without an outcome it is running if it is alive, else it was interrupted. One that waits in the queue may
-- have failed before, and is tried again.
CASE
  WHEN r.outcome IS NOT NULL AND NOT {is_queued} THEN r.outcome
  WHEN {is_alive} THEN 'running'
  WHEN {is_queued} THEN 'queued'
  ELSE 'interrupted'
END
