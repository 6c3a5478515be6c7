-- What the inserts and updates of a run change in an aggregate. Most updates leave the counted value as it was.
SELECT {value}, 1
  FROM {classified}
 WHERE {written}
   AND (place IS NULL OR {value} IS DISTINCT FROM {old})
 UNION ALL
SELECT {old}, -1
  FROM {classified}
 WHERE place IS NOT NULL
   AND {value} IS DISTINCT FROM {old}
