-- Ends the stopped runs that were to do the same as the run $1: to take back the same run, whatever their options, or to delete
-- the same rows. Those that wait in the queue have their turn.
UPDATE dasy.runs AS r
   SET state = 'ended',
       outcome = coalesce(r.outcome, 'interrupted'),
       ended_at = coalesce(r.ended_at, clock_timestamp())
  FROM dasy.runs AS done
 WHERE done.run = $1
   AND r.run <> done.run
   AND r.state <> 'ended'
   AND r.command = done.command
   AND CASE
         WHEN done.undoes IS NULL THEN r.target = done.target AND r.options = done.options
         ELSE r.undoes = done.undoes
       END
   AND NOT {is_queued}
   AND NOT {is_alive}
