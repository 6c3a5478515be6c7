-- Records why a run stopped. Its state stays, so that it can be resumed. $7 is how its commit waits for the log.
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
RETURNING set_config('synchronous_commit', $7, true)
