-- The positions of rows that were written and are not in the table; NULL if there are none.
SELECT array_agg(c.position ORDER BY c.position)
  FROM {classified} AS c
 WHERE c.position = ANY ($1)
   AND NOT EXISTS (SELECT FROM {target} AS t WHERE {same_key})
