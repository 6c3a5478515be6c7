-- A superuser gives what runs on an owner's behalf to that owner. Anybody else owns the table, or acts for its owner.
SELECT c.relpersistence = 'u' AS unlogged,
       pg_get_userbyid(c.relowner) AS owner,
       r.rolsuper AND c.relowner <> r.oid AS give_away
  FROM pg_class AS c
  JOIN pg_roles AS r ON r.rolname = current_user
 WHERE c.oid = $1::integer::oid
