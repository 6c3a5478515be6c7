-- A relation: $1 is its schema, or NULL for the search path, and $2 its name. No row if there is none. (Not by to_regclass(),
-- which may answer from a cache that was filled before this session waited for a lock.)
SELECT c.oid::integer AS oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_has_role(c.relowner, 'USAGE') AS owned
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relname = $2
   AND n.nspname = ANY (CASE WHEN $1::text IS NULL THEN current_schemas(true) ELSE ARRAY[$1::name] END)
 ORDER BY array_position(current_schemas(true), n.nspname)
 LIMIT 1
