-- The records that were loaded, with their places and keys: not those that the run rejected, and one of each key.
CREATE TEMPORARY TABLE {places} AS
SELECT DISTINCT ON ({order}) *
  FROM (
         SELECT s.source, s.byte, s.line, {key}
           FROM {read} AS s
          WHERE NOT EXISTS (
                  SELECT
                    FROM dasy.rejects AS r
                   WHERE r.run = {run}
                     AND r.source = s.source
                     AND r.byte = s.byte)
          OFFSET 0
       ) AS s
 ORDER BY {order}, source {direction}, byte {direction}
