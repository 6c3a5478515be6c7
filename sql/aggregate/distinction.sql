SELECT d.*, format_type(dasy.base_type(a.atttypid), -1) AS type,
       CASE WHEN l.oid IS NOT NULL THEN format('COLLATE %I.%I', ln.nspname, l.collname) ELSE '' END AS collation,
       y.typlen > 0 AS small
  FROM pg_attribute AS a
  JOIN pg_type AS y ON y.oid = dasy.base_type(a.atttypid)
 CROSS JOIN dasy.distinction(a.atttypid) AS d
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
  LEFT JOIN pg_namespace AS ln ON ln.oid = l.collnamespace
 WHERE a.attrelid = $1::integer::oid
   AND a.attname = $2
   AND NOT a.attisdropped
