INSERT INTO {storage} (value, change, level, epoch)
SELECT value, count, CASE WHEN value IS NULL THEN -1 ELSE 9 END, {epoch}
  FROM {counts}
 WHERE aggregate = $1
