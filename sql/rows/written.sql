-- The rows as the table has them now.
SELECT {row} AS row,
       ARRAY[{key}]::text[] AS key
  FROM {classified} AS c
  JOIN {target_row}
 CROSS JOIN LATERAL (SELECT {columns}) AS r
 ORDER BY c.ordinal
