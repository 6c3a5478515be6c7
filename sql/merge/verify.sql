-- What became of rows that were written to a table which may store something else: missing: no longer there by their key;
-- same: as they were before.
SELECT count(*) FILTER (WHERE t.ctid IS NULL) AS missing,
       count(*) FILTER (WHERE t.ctid IS NOT NULL AND c.place IS NOT NULL AND {row} IS NOT DISTINCT FROM c.before) AS same
  FROM {classified} AS c
  LEFT JOIN {target_row}
 WHERE {written}
