-- LOGGED or UNLOGGED, if the storage differs from the table and this role may change it.
SELECT CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END AS kind
  FROM pg_class AS t
  JOIN pg_class AS s ON s.oid = to_regclass({storage_name})
 WHERE t.oid = $1::integer::oid
   AND t.relpersistence <> s.relpersistence
   AND pg_has_role(s.relowner, 'USAGE')
