-- By a query and not by to_regclass(): that remembers, even while we waited for a lock, that there was none.
SELECT EXISTS (
         SELECT
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'dasy'
            AND c.relname = 'migrations') AS there
