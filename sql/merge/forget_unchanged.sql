-- Rows that were to be deleted and are where they were: nothing happened to them. They need no key to be found.
DELETE FROM {before} AS b
 USING {target} AS t
 WHERE b.op = 'd'
   AND t.ctid = b.place
   AND t.tableoid = b.found_in
