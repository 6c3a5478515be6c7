-- Whether this role may create a statistics object on the column. (Views and virtual columns cannot have any.)
SELECT pg_has_role(c.relowner, 'USAGE')
       AND c.relkind IN ('r', 'p', 'm', 'f')
       AND a.attgenerated <> 'v' AS may
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped
 WHERE c.oid = $1::integer::oid
