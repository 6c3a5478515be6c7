-- Users' tables that this role may read, for the completion of --table. Without a schema if the search path finds them.
SELECT c.oid::regclass::text AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname NOT LIKE 'pg\_%'
   AND n.nspname NOT IN ('information_schema', 'dasy', 'dasy_queue')
   AND has_table_privilege(c.oid, 'SELECT')
 ORDER BY 1
