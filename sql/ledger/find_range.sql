-- The staged range that contains the place $3 of a source.
SELECT start_byte AS start,
       end_byte AS "end",
       first_line AS line,
       places
  FROM dasy.ranges
 WHERE run = $1
   AND source = $2
   AND start_byte <= $3
 ORDER BY start_byte DESC
 LIMIT 1
