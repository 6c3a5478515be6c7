-- An applied plan has kept them before.
INSERT INTO dasy.change_ranges (run, source, start_byte, end_byte, first_line, places)
SELECT run, source, start_byte, end_byte, first_line, coalesce($4::bytea, places)
  FROM dasy.ranges
 WHERE run = $1
   AND source = $2
   AND start_byte = $3
   AND coalesce($4::bytea, places) IS NOT NULL
    ON CONFLICT DO NOTHING
