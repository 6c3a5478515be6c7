-- INSERT … SELECT is planned without parallel workers; with them, sending 200,000 groups costs more than it saves (0.43 s
-- against 0.38 s).
INSERT INTO {storage} (value, change, level, epoch)
SELECT {column}, count(*), CASE WHEN {column} IS NOT DISTINCT FROM NULL THEN -1 ELSE 9 END, {epoch}
  FROM {target}
 GROUP BY {column}
