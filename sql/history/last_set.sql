-- The run whose change set was applied to the table $1 last.
SELECT run
  FROM dasy.change_sets
 WHERE relation = $1::integer::oid
   AND xid IS NOT NULL
 ORDER BY run DESC
 LIMIT 1
