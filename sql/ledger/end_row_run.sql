UPDATE dasy.runs
   SET state = 'ended',
       outcome = 'completed',
       rows = $2,
       aggregates = '[]',
       seconds = $3,
       ended_at = clock_timestamp()
 WHERE run = $1
