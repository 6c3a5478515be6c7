-- Deletes rejects outside of staged ranges. The table of ranges is unlogged, that of rejects is not: after a crash of the
-- server, the rejects of lost ranges are still there, and these ranges will be read again.
DELETE FROM dasy.rejects AS r
 WHERE r.run = $1
   AND NOT EXISTS (
         SELECT
           FROM dasy.ranges AS g
          WHERE g.run = r.run
            AND g.source = r.source
            AND r.byte >= g.start_byte
            AND r.byte < g.end_byte)
