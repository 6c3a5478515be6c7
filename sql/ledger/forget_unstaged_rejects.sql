-- Rejects are logged, ranges are not: after a crash of the server there are rejects of records that will be read again.
DELETE FROM dasy.rejects AS r
 WHERE r.run = $1
   AND NOT EXISTS (
         SELECT
           FROM dasy.ranges AS g
          WHERE g.run = r.run
            AND g.source = r.source
            AND r.byte >= g.start_byte
            AND r.byte < g.end_byte)
