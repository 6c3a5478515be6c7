-- It is well again.
UPDATE dasy.alerts
   SET cleared_at = clock_timestamp()
 WHERE cause = $1
   AND dataset = $2
   AND place = $3
   AND path = $4
   AND cleared_at IS NULL
RETURNING alert, cause, dataset, file, run, message, cleared_at AS at
