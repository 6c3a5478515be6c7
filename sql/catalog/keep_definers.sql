-- Until the end of the transaction, the trigger functions of aggregates on a table run as their owner, who could
-- change that at any moment: whoever alters a function waits for whoever has altered it.
DO $$
DECLARE
  used  regprocedure;
BEGIN
  FOR used IN
    SELECT DISTINCT p.oid::regprocedure
      FROM pg_trigger AS g
      JOIN pg_proc AS p ON p.oid = g.tgfoid
     WHERE g.tgrelid = {oid}::oid
       AND p.pronamespace = to_regnamespace('dasy')::oid
       AND p.proowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
       AND pg_has_role(p.proowner, 'USAGE')
     ORDER BY 1
  LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', used);
  END LOOP;
END
$$
