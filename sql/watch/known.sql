-- Of files that stay where they are: the last arrival of this very file, under any name, or of this path. $1: place; $2: path; $3 to
-- $5: size, time and inode. A very file whose run was undone is still known: else the undo would be undone at once.
SELECT a.size,
       a.hash,
       a.size = $3 AND a.mtime_ns = $4 AND a.inode = $5 AS is_same_file
  FROM dasy.arrivals AS a
 WHERE a.place = $1
   AND a.stays
   AND a.outcome IS DISTINCT FROM 'replaced'
   AND (a.path = $2 OR a.inode = $5)
   AND (a.size = $3 AND a.mtime_ns = $4 AND a.inode = $5
        OR NOT EXISTS (SELECT FROM dasy.runs AS u WHERE u.undoes = a.run AND u.outcome = 'completed'))
 ORDER BY a.size = $3 AND a.mtime_ns = $4 AND a.inode = $5 DESC,
          a.path = $2 DESC,
          a.arrival DESC
 LIMIT 1
