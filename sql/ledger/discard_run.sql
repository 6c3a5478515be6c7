-- Ends a run that stopped: it can no longer be resumed.
UPDATE dasy.runs
   SET state = 'ended',
       outcome = coalesce(nullif(outcome, 'planned'), 'interrupted'),
       ended_at = coalesce(ended_at, clock_timestamp())
 WHERE run = $1
   AND state <> 'ended'
