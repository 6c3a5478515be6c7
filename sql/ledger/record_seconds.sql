UPDATE dasy.runs
   SET seconds = {seconds}
 WHERE run = {run}
