-- Confirms the same epoch for the table's current file.
WITH gone AS (
  DELETE FROM {marks}
  RETURNING epoch
)
SELECT dasy.confirm($1, $2::integer::oid, (SELECT max(epoch) FROM gone))
