-- The same epoch, of the table's file as it is now.
WITH gone AS (
  DELETE FROM {marks}
  RETURNING epoch
)
SELECT dasy.confirm($1, $2::integer::oid, (SELECT max(epoch) FROM gone))
