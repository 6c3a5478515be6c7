-- The arrivals in the places $1 that can be filed: nothing is left to be done at their runs. $2: only of
-- this run, if it is given: then its worker says that it has ended.
SELECT a.arrival,
       a.dataset,
       a.place,
       a.path,
       a.companion,
       a.size,
       a.mtime_ns,
       a.inode,
       a.hash,
       a.run,
       a.same_as,
       a.error,
       a.stays,
       a.target,
       r.outcome = 'completed' AS is_loaded,
       s.identity
  FROM dasy.arrivals AS a
  LEFT JOIN dasy.runs AS r ON r.run = a.run
  LEFT JOIN dasy.sources AS s ON s.run = a.run AND s.ordinal = 0
 WHERE a.filed_at IS NULL
   AND a.place = ANY ($1)
   AND ($2::bigint IS NULL OR a.run = $2)
   AND (r.run IS NULL
        OR r.state = 'ended'
        OR NOT EXISTS (SELECT FROM dasy.jobs AS j WHERE j.run = r.run AND j.waiting) AND ($2::bigint IS NOT NULL OR NOT {is_alive}))
 ORDER BY a.arrival
