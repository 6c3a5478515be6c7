UPDATE dasy.runs
   SET state = 'ended',
       outcome = 'interrupted',
       ended_at = clock_timestamp()
 WHERE run = $1
   AND state <> 'ended'
