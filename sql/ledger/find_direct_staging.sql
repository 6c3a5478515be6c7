-- The staging table with the name $1, if it is one of the direct path: only those are logged.
SELECT
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = 'dasy'
   AND c.relname = $1
   AND c.relkind = 'r'
   AND c.relpersistence = 'p'
