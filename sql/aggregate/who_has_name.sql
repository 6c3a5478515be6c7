-- The relation with the name $2 in the schema $1 (NULL: the one in which new tables are created). No row if there is none.
SELECT n.nspname AS schema,
       g.aggregate,
       pg_has_role(c.relowner, 'USAGE') AS owned
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN dasy.aggregates AS g ON g.relation = c.oid
 WHERE n.nspname = coalesce($1::name, current_schema())
   AND c.relname = $2
