UPDATE dasy.runs
   SET seconds = $2
 WHERE run = $1
