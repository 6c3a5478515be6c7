SELECT EXISTS (
         SELECT
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = $1
            AND c.relname = $2) AS taken
