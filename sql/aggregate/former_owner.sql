-- The owner of the trigger functions, if the table has another owner now and this role is a superuser, which can change that.
SELECT pg_get_userbyid(f.proowner) AS former,
       f.proowner <> s.relowner AS "isGranted"
  FROM pg_class AS t
  JOIN pg_proc AS f ON f.pronamespace = 'dasy'::regnamespace AND f.proname = {follow_name}
  JOIN pg_class AS s ON s.oid = to_regclass({storage_name})
  JOIN pg_roles AS r ON r.rolname = current_user
 WHERE t.oid = $1::integer::oid
   AND f.proowner <> t.relowner
   AND r.rolsuper
