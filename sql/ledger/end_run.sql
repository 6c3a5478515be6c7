-- Once only: whoever comes second finds it ended.
UPDATE dasy.runs
   SET state = 'ended',
       outcome = $2,
       rows = $3,
       aggregates = $4,
       seconds = $5,
       error = $6,
       ended_at = clock_timestamp()
 WHERE run = $1
   AND state <> 'ended'
