-- The privileges on a relation, as GRANT statements for its replacement.
SELECT format(
         'GRANT %s ON %s TO %s%s', x.privilege_type, $1::text,
         CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
         CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS statement
  FROM pg_class AS c
 CROSS JOIN aclexplode(c.relacl) AS x
 WHERE c.oid = $1::regclass
   AND x.grantee <> c.relowner
