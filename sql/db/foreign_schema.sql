-- Code in the schema dasy that belongs to roles that lack some of this role's extraordinary rights (see db/foreign_code):
-- functions that differ from those of the migrations (by their hashes), foreign tables, and relations (as oids) to be checked
-- for attached code.
WITH others (role, name) AS (
  SELECT r.oid, r.rolname
    FROM pg_roles AS r
   WHERE EXISTS (
           SELECT
             FROM pg_roles AS power
            WHERE (power.rolsuper OR power.rolcreaterole OR power.rolbypassrls)
              AND pg_has_role(current_user, power.oid, 'MEMBER')
              AND NOT pg_has_role(r.oid, power.oid, 'MEMBER'))
)
-- follow_1 and amend_1 are exempt: they run with the rights of their owner, and only triggers call them.
SELECT format('the function %s', p.oid::regprocedure) AS what, others.name AS owner, NULL::bigint AS relation
  FROM pg_proc AS p
  JOIN others ON others.role = p.proowner
 WHERE p.pronamespace = to_regnamespace('dasy')
   AND p.proname !~ '^(follow|amend)_[0-9]+$'
   AND CASE
         WHEN p.prokind = 'f' THEN encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex') ELSE ''
       END <> ALL (ARRAY[
         'bd8494f5a18a7f7c5535cefc717b741cfd70edf899381f9b52c5ce5234429859', -- base_type
         '8d2a0dbcfd72e6b6f8d8d00dda0f571b0c779fb028443e2f6d63ff1110ab4545', -- confirm
         '45a8222b22733f42a25a856423841769bb30abc1618d9c088337e3021344d9f1', -- distinction
         '76c2e0d6b647ef33695df96ac7bbd3b8eecfab23b70648963a2fb9430c261299', -- equality
         '545bd0d22aee19f3a8be0dcd6ef69a432032cd799078382ac2c600c9909ff8f6', -- fault
         'bfd078f39ec37e90d1ed1b10646c974af05e1c04a2255dd1545ecbaba18f1183', -- fold_after
         '865358bdb1b56d29146a5a3809dd4c4c1ee7779a6f40e4924e2096f676c8557b', -- kinds
         '905795114a97e71d7fbd19368074feba102bde45d3d31763170551f873fd5637', -- own_changes
         '4583ee4023fead97c44957592b584fd3e5d72d5cd6c22daacb692bd5f0f3bf6d', -- row_id
         '56910b030c41dc99b2b92b9ba86d90fa41a6dadef80c59cd4ec4aa123f1ada3c', -- settle
         'f4a2c8ab81a3478bedc79f15ae54f18da6c33f001a1167bdca3a5ab6b40813a2', -- write_carefully
         '81fe7631b957edd7dacfc4db864844f66e6a6d1f31fa4a032f35afc7f79d22a1', -- write_rows
         'c37aa5ff7b6e98174de17b115451549fa83f7b0658e55f58b4a431df9cad7804' -- written_values
       ])
 UNION ALL
SELECT format('the foreign table "%s"', c.relname), others.name, NULL
  FROM pg_class AS c
  JOIN others ON others.role = c.relowner
 WHERE c.relnamespace = to_regnamespace('dasy')
   AND c.relkind = 'f'
 UNION ALL
SELECT NULL, NULL, c.oid
  FROM pg_class AS c
 WHERE c.relnamespace = to_regnamespace('dasy')
   AND c.relkind IN ('r', 'p', 'v', 'm')
   AND (c.relowner IN (SELECT role FROM others)
        OR EXISTS (
             SELECT
               FROM pg_trigger AS g
               JOIN pg_proc AS p ON p.oid = g.tgfoid
              WHERE g.tgrelid = c.oid
                AND p.proowner IN (SELECT role FROM others)))
