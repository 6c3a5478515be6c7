-- A run that was enqueued begins now. Its sources are recorded anew, with how they are read.
WITH announced AS (
  DELETE FROM dasy.sources
   WHERE run = $1
)
UPDATE dasy.runs
   SET doubts = $2,
       started_at = clock_timestamp()
 WHERE run = $1
