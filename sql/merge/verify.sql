-- Compares the written rows with a table that may store something else. missing: rows whose key is not in the table; same:
-- updated rows that are the same as before.
SELECT count(*) FILTER (WHERE t.ctid IS NULL) AS missing,
       count(*) FILTER (WHERE t.ctid IS NOT NULL AND c.place IS NOT NULL AND {row} IS NOT DISTINCT FROM c.before) AS same
  FROM {classified} AS c
  LEFT JOIN {target_row}
 WHERE {written}
