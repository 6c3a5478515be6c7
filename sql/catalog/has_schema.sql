-- A query, not to_regclass(): while this session waited for a lock, that may have cached that there was none.
SELECT EXISTS (
         SELECT
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'dasy'
            AND c.relname = 'migrations') AS there
