SELECT count(*)
  FROM {classified} AS c
 WHERE c.position = ANY ($1)
   AND NOT EXISTS (SELECT FROM {target} AS t WHERE {same_key})
