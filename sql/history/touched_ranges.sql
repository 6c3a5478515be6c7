-- The staged ranges of the run $1 that contain the positions of a table. The positions of a range begin with its first byte, and
-- the ordinal of its source is above the 48 bits of that.
WITH staged AS (
  SELECT source,
         start_byte,
         end_byte,
         first_line,
         places IS NOT NULL AS stored,
         row_number() OVER (ORDER BY source, start_byte) AS number,
         (source::bigint << 48) | start_byte AS first
    FROM dasy.ranges
   WHERE run = $1
),
touched AS (
  SELECT DISTINCT width_bucket(c.position, (SELECT array_agg(first ORDER BY first) FROM staged)) AS number
    FROM {changed} AS c
   WHERE c.position IS NOT NULL
)
SELECT source,
       start_byte AS start,
       end_byte AS "end",
       first_line AS line,
       stored
  FROM staged
  JOIN touched USING (number)
 ORDER BY number
