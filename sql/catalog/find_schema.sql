-- Where a table would be made: in the schema $1, or with NULL where the search path says.
SELECT wanted.schema,
       n.oid IS NOT NULL AS there,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS "mayMakeTables",
       has_database_privilege(current_database(), 'CREATE') AS "mayMakeSchemas",
       current_user AS role
  FROM (SELECT coalesce($1::name, current_schema()) AS schema) AS wanted
  LEFT JOIN pg_namespace AS n ON n.nspname = wanted.schema
