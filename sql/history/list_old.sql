-- The applied change sets that are older than $1 seconds, the oldest first; or only that of the run $2.
SELECT run, kind
  FROM dasy.change_sets
 WHERE kind <> 'none'
   AND xid IS NOT NULL
   AND written_at <= clock_timestamp() - make_interval(secs => $1)
   AND ($2::bigint IS NULL OR run = $2)
 ORDER BY written_at
