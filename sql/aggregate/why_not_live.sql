-- Why a live aggregate of a column cannot be made: the first reason, or NULL; and whether triggers would miss writes because
-- of it. (They see the rows that row security hides, which a count does not.)
SELECT reason,
       reason <> 'row security hides rows of the table' AS misses_writes
  FROM (
         SELECT CASE
                  WHEN c.relkind = 'p' THEN 'the table is partitioned, and writes to a partition do not fire its triggers'
                  WHEN c.relispartition THEN 'the table is a partition, and is written through its parent'
                  WHEN EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhparent = c.oid)
                  THEN 'other tables inherit from it, whose rows are its own'
                  WHEN EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid)
                  THEN 'it inherits from another table, through which it is written'
                  WHEN c.relkind <> 'r' THEN 'it is no plain table'
                  WHEN c.relpersistence = 't' THEN 'it is a temporary table'
                  WHEN EXISTS (SELECT FROM pg_subscription_rel AS s WHERE s.srrelid = c.oid)
                  THEN 'a subscription writes to it, which fires no statement triggers'
                  WHEN a.attgenerated = 'v' THEN 'the column is virtual, and PostgreSQL does not tell triggers its values'
                  WHEN row_security_active(c.oid) OR c.relforcerowsecurity THEN 'row security hides rows of the table'
                END AS reason
           FROM pg_class AS c
           LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped
          WHERE c.oid = $1::integer::oid
       ) AS found
