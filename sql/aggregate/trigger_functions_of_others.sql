-- The live aggregates of a table whose trigger functions belong to another role, if this role is a superuser and can replace
-- them.
SELECT DISTINCT g.aggregate AS id
  FROM dasy.aggregates AS g
  JOIN pg_proc AS p
    ON p.pronamespace = 'dasy'::regnamespace
   AND p.proname = format('follow_%s', g.aggregate)::name
  JOIN pg_trigger AS t ON t.tgfoid = p.oid AND t.tgrelid = $1::integer::oid
  JOIN pg_roles AS r ON r.rolname = current_user
 WHERE r.rolsuper
   AND p.proowner <> r.oid
 ORDER BY g.aggregate
