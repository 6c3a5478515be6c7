-- It can be gone on with: the state stays.
UPDATE dasy.runs
   SET outcome = $2,
       rows = $3,
       seconds = $4,
       error = $5,
       ended_at = clock_timestamp()
 WHERE run = $1
   AND state <> 'ended'
