-- The relations of aggregates. It reads only columns that all versions of the registry have.
SELECT n.nspname AS schema,
       r.relname AS name,
       r.relkind = 'v' AS is_view
  FROM dasy.aggregates AS g
  JOIN pg_class AS r ON r.oid = g.relation
  JOIN pg_namespace AS n ON n.oid = r.relnamespace
 WHERE r.relkind IN ('r', 'v')
 ORDER BY g.aggregate
