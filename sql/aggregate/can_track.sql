-- Whether this role may make a statistics object of the column. (There are none of views and of virtual columns.)
SELECT pg_has_role(c.relowner, 'USAGE')
       AND c.relkind IN ('r', 'p', 'm', 'f')
       AND a.attgenerated <> 'v' AS may
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped
 WHERE c.oid = $1::integer::oid
