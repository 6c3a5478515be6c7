-- The range of a run that contains the place $3 of a source, if its offsets were kept.
SELECT start_byte AS start,
       end_byte AS "end",
       first_line AS line,
       places
  FROM dasy.change_ranges
 WHERE run = $1
   AND source = $2
   AND start_byte <= $3
   AND end_byte > $3
