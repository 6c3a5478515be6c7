-- Ends a run once, by its latest attempt: any other updates no row. $8 is how its commit waits for the log.
UPDATE dasy.runs
   SET state = 'ended',
       outcome = $3,
       rows = $4,
       aggregates = $5,
       seconds = $6,
       error = $7,
       ended_at = clock_timestamp()
 WHERE run = $1
   AND attempt = $2
   AND state <> 'ended'
RETURNING set_config('synchronous_commit', $8, true)
