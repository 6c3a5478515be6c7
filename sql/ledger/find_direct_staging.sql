-- The columns of the staging table with the name $1, if it is one of the direct path: only those are logged.
SELECT array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_attribute AS a ON a.attrelid = c.oid
 WHERE n.nspname = 'dasy'
   AND c.relname = $1
   AND c.relkind = 'r'
   AND c.relpersistence = 'p'
   AND a.attnum > 0
 GROUP BY c.oid
