-- The files in the places $1 that stay where they are, as they were when they were last loaded.
SELECT DISTINCT ON (place, path) path,
       size,
       mtime_ns,
       inode
  FROM dasy.arrivals
 WHERE place = ANY ($1)
   AND stays
   AND filed_at IS NOT NULL
   AND outcome <> 'replaced'
 ORDER BY place,
          path,
          arrival DESC
