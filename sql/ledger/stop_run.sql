-- Records why a run stopped. Its state stays, so that it can be resumed.
UPDATE dasy.runs
   SET outcome = $3,
       rows = $4,
       seconds = $5,
       error = $6,
       ended_at = clock_timestamp(),
       touched_at = clock_timestamp()
 WHERE run = $1
   AND attempt = $2
   AND state <> 'ended'
