-- INSERT … SELECT is planned without parallel workers; with them, sending 200,000 groups costs more than it saves (0.43 s
-- against 0.38 s).
INSERT INTO {aggregate}
SELECT {column}, count(*)
  FROM {target}
 GROUP BY {column}
