-- The names among $2 that constraints in the schema $1 have, but those of the table $3.
SELECT DISTINCT k.conname AS name
  FROM pg_constraint AS k
  JOIN pg_namespace AS n ON n.oid = k.connamespace
 WHERE n.nspname = $1
   AND k.conname = ANY ($2)
   AND k.conrelid IS DISTINCT FROM $3::integer::oid
