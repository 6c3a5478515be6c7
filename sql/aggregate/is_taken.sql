-- $1 is the schema, or NULL for the one in which tables are made.
SELECT EXISTS (
         SELECT
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = coalesce($1::name, current_schema())
            AND c.relname = $2) AS taken
