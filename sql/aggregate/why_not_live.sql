-- The first reason why a live aggregate of a column is not possible, or NULL; and whether triggers miss writes because of it.
-- (Triggers see rows that row security hides; a count does not.)
SELECT reason,
       reason <> 'row security hides rows of the table' AS misses_writes
  FROM (
         SELECT CASE
                  WHEN c.relkind = 'p' THEN 'the table is partitioned, and writes to a partition do not fire its triggers'
                  WHEN c.relispartition THEN 'the table is a partition, and writes to its parent do not fire its triggers'
                  WHEN EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhparent = c.oid)
                  THEN 'other tables inherit from it, and writes to them do not fire its triggers'
                  WHEN EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid)
                  THEN 'it inherits from another table, and writes to that do not fire its triggers'
                  WHEN c.relkind <> 'r' THEN 'it is not an ordinary table'
                  WHEN c.relpersistence = 't' THEN 'it is a temporary table'
                  WHEN EXISTS (SELECT FROM pg_subscription_rel AS s WHERE s.srrelid = c.oid)
                  THEN 'a subscription writes to it, and that fires no statement triggers'
                  WHEN a.attgenerated = 'v' THEN 'the column is virtual, and transition tables lack its values'
                  WHEN row_security_active(c.oid) OR c.relforcerowsecurity THEN 'row security hides rows of the table'
                END AS reason
           FROM pg_class AS c
           LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped
          WHERE c.oid = $1::integer::oid
       ) AS found
