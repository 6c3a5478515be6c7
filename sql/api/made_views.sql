-- Views that this transaction has created, replaced or refreshed. CREATE OR REPLACE always writes a new rule, but not
-- always a new entry in pg_class.
SELECT n.nspname AS schema,
       c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS shown,
       c.relkind = 'm' AS materialized
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
 WHERE c.relkind IN ('v', 'm')
   AND c.relpersistence <> 't'
   AND pg_current_xact_id()::xid IN (c.xmin, r.xmin)
 ORDER BY n.nspname, c.relname
