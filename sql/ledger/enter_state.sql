UPDATE dasy.runs
   SET state = $3,
       touched_at = clock_timestamp()
 WHERE run = $1
   AND attempt = $2
   AND state <> 'ended'
