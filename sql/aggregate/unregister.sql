WITH groups AS (
  DELETE FROM dasy.group_changes
   WHERE aggregate = $1
)
DELETE FROM dasy.aggregates
 WHERE aggregate = $1
