-- The staging tables whose names begin with $1. A query, not to_regclass(), which may answer from a cache.
SELECT c.relname AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = 'dasy'
   AND c.relkind = 'r'
   AND starts_with(c.relname, $1)
