SELECT source,
       start_byte AS start,
       end_byte AS "end",
       next_line
  FROM dasy.ranges
 WHERE run = $1
 ORDER BY source, start_byte
