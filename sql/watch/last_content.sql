-- The last file of the dataset $1 that was loaded, or is to be loaded, and whose run was not undone.
SELECT a.arrival,
       a.size,
       a.hash,
       a.run,
       a.place,
       a.path,
       a.target,
       r.outcome = 'completed' AS is_loaded,
       a.filed_at IS NULL AS is_open
  FROM dasy.arrivals AS a
  JOIN dasy.runs AS r ON r.run = a.run
 WHERE a.dataset = $1
   AND (r.outcome = 'completed' OR a.filed_at IS NULL)
   AND NOT EXISTS (SELECT FROM dasy.runs AS u WHERE u.undoes = a.run AND u.outcome = 'completed')
 ORDER BY a.arrival DESC
 LIMIT 1
