-- Compares the written rows with a table that may store something else. missing: rows whose key is not in the table; same:
-- updated rows that are the same as before.
SELECT count(*) FILTER (WHERE t.ctid IS NULL) AS missing,
       count(*) FILTER (WHERE t.ctid IS NOT NULL AND {changed} AND {row} IS NOT DISTINCT FROM {before}) AS same
  FROM {classified} AS c
  LEFT JOIN {target_row}
 WHERE {written}
