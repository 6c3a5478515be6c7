-- The rows with a key.
SELECT {row} AS row
  FROM {target} AS t
 CROSS JOIN LATERAL (SELECT {columns}) AS r
 WHERE {same_key}
