-- Somebody goes on with a run that stopped.
UPDATE dasy.runs
   SET outcome = NULL,
       rows = NULL,
       seconds = NULL,
       error = NULL,
       ended_at = NULL,
       workers = $2,
       host = $3,
       pid = $4
 WHERE run = $1
   AND state <> 'ended'
