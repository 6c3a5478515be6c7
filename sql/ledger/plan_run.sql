-- Records that a run is planned, by its latest attempt. $6 is how its commit waits for the log.
UPDATE dasy.runs
   SET outcome = 'planned',
       rows = $3,
       aggregates = $4,
       seconds = $5,
       error = NULL,
       ended_at = clock_timestamp(),
       touched_at = clock_timestamp()
 WHERE run = $1
   AND attempt = $2
   AND state <> 'ended'
RETURNING set_config('synchronous_commit', $6, true)
