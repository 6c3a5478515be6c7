WITH gone AS (
  DELETE FROM dasy.group_changes
   WHERE aggregate = $1
)
INSERT INTO dasy.group_changes (aggregate, change)
VALUES ($1, $2)
