-- Of ranges of the run $1 (sources $2, first bytes $3) the offsets of their records: parts of $4 (from $5, of length $6), or where
-- that is NULL those that were stored when the range was staged. An applied plan has kept them before.
INSERT INTO dasy.change_ranges (run, source, start_byte, end_byte, first_line, places)
SELECT run, source, start_byte, end_byte, first_line,
       coalesce(substring($4::bytea FROM read.first FOR read.length), r.places)
  FROM unnest($2::integer[], $3::bigint[], $5::integer[], $6::integer[]) AS read (source, start_byte, first, length)
  JOIN dasy.ranges AS r USING (source, start_byte)
 WHERE run = $1
   AND (read.length IS NOT NULL OR r.places IS NOT NULL)
    ON CONFLICT DO NOTHING
