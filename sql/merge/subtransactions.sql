-- The subtransactions that wrote rows, as xmin shows them.
SELECT DISTINCT t.xmin::text::bigint AS xid
  FROM {after} AS b
  JOIN {target} AS t ON t.ctid = b.found AND t.tableoid = b.found_in
 WHERE t.xmin <> pg_current_xact_id()::xid
