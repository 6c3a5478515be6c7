-- Whether the schema dasy was migrated. A query, not to_regclass(): that may answer from a cache that was filled before
-- this session waited for a lock.
SELECT EXISTS (
         SELECT
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'dasy'
            AND c.relname = 'migrations') AS exists
