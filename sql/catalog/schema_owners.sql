-- Who owns the schema dasy, or something in it, without being able to do all that this role can: as catalog/foreign_code.
-- But for trigger functions, which belong to the owners of the tables that they are on: these are looked at there.
SELECT DISTINCT r.rolname AS owner
  FROM (
         SELECT nspowner FROM pg_namespace WHERE nspname = 'dasy'
          UNION
         SELECT p.proowner
           FROM pg_proc AS p
           JOIN pg_namespace AS n ON n.oid = p.pronamespace
          WHERE n.nspname = 'dasy'
            AND p.prorettype <> 'trigger'::regtype
          UNION
         SELECT c.relowner
           FROM pg_class AS c
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'dasy'
            AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       ) AS found (role)
  JOIN pg_roles AS r ON r.oid = found.role
 WHERE EXISTS (
         SELECT
           FROM pg_roles AS power
          WHERE (power.rolsuper OR power.rolcreaterole OR power.rolbypassrls)
            AND pg_has_role(current_user, power.oid, 'MEMBER')
            AND NOT pg_has_role(r.oid, power.oid, 'MEMBER'))
 ORDER BY owner
