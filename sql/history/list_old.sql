-- The applied change sets that are older than $1 seconds, the oldest first.
SELECT run, kind
  FROM dasy.change_sets
 WHERE kind <> 'none'
   AND xid IS NOT NULL
   AND written_at <= clock_timestamp() - make_interval(secs => $1)
 ORDER BY written_at
