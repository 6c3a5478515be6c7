SELECT pg_has_role(c.relowner, 'USAGE') AND c.relkind IN ('r', 'p', 'm', 'f') AS owned
  FROM pg_class AS c
 WHERE c.oid = $1::integer::oid
