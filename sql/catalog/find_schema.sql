-- The schema in which a table would be created: $1, or if that is NULL the one that the search path names.
SELECT wanted.schema,
       n.oid IS NOT NULL AS exists,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS "mayCreateTables",
       has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchemas",
       current_user AS role
  FROM (SELECT coalesce($1::name, current_schema()) AS schema) AS wanted
  LEFT JOIN pg_namespace AS n ON n.nspname = wanted.schema
