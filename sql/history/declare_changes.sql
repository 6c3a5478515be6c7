-- The changes of the run $1 in the order of its sources: $2 only these operations, $3 at most so many (NULL: all).
DECLARE changed NO SCROLL CURSOR FOR
SELECT {source} AS source,
       {place} AS place,
       op,
       key,
       old,
       new
  FROM {changes} AS c
 WHERE run = $1
   AND ($2::text[] IS NULL OR op::text = ANY ($2))
   AND {touched}
 ORDER BY position NULLS LAST, key
 LIMIT $3
