INSERT INTO {aggregate}
SELECT value, count
  FROM {counts}
 WHERE aggregate = $1
