-- Whether nothing in the schema $1 has one of the names $2. PostgreSQL does not give an index the name of a constraint either.
SELECT NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = ANY ($2))
   AND NOT EXISTS (SELECT FROM pg_type AS y WHERE y.typnamespace = n.oid AND y.typname = ANY ($2))
   AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.connamespace = n.oid AND k.conname = ANY ($2)) AS free
  FROM pg_namespace AS n
 WHERE n.nspname = $1
