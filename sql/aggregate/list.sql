-- The aggregates of a table, or with NULL all of them. One whose table or relation somebody has dropped is
-- not listed.
SELECT g.aggregate AS id,
       g.kind,
       g.target::oid::integer AS target_oid,
       tn.nspname AS target_schema,
       t.relname AS target_name,
       g.attribute,
       a.attname AS column,
       format_type(a.atttypid, a.atttypmod) AS type,
       rn.nspname AS schema,
       r.relname AS name,
       value.attname AS value_column,
       counted.attname AS count_column,
       i.relname AS index_name
  FROM dasy.aggregates AS g
  JOIN pg_class AS t ON t.oid = g.target
  JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
  JOIN pg_class AS r ON r.oid = g.relation
  JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
  JOIN pg_attribute AS a ON a.attrelid = g.target AND a.attnum = g.attribute AND NOT a.attisdropped
  JOIN pg_attribute AS value ON value.attrelid = r.oid AND value.attnum = 1
  JOIN pg_attribute AS counted ON counted.attrelid = r.oid AND counted.attnum = 2
  LEFT JOIN pg_index AS x ON x.indrelid = r.oid AND x.indisunique
  LEFT JOIN pg_class AS i ON i.oid = x.indexrelid
 WHERE $1::integer IS NULL OR g.target = $1::integer::oid::regclass
 ORDER BY g.aggregate
