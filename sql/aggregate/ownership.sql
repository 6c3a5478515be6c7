-- A superuser gives the objects that run as the table's owner to that role. Any other role owns the table, or is a member of the
-- owning role.
SELECT c.relpersistence = 'u' AS unlogged,
       pg_get_userbyid(c.relowner) AS owner,
       r.rolsuper AND c.relowner <> r.oid AS give_away
  FROM pg_class AS c
  JOIN pg_roles AS r ON r.rolname = current_user
 WHERE c.oid = $1::integer::oid
