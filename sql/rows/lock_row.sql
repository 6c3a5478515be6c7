-- Locks the rows with a key until the end of the transaction.
SELECT {row} AS row
  FROM (SELECT t.* FROM {target} AS t WHERE {same_key} FOR UPDATE) AS t
 CROSS JOIN LATERAL (SELECT {columns}) AS r
