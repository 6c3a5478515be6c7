-- The table $1, and the file of its rows.
SELECT n.nspname AS schema,
       c.relname AS name,
       pg_relation_filenode(c.oid)::bigint AS file
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = $1::integer::oid
