-- What the inserts and updates of a run change in an aggregate.
SELECT {value}, 1
  FROM {classified}
 WHERE class = ANY ({written})
 UNION ALL
SELECT {old}, -1
  FROM {classified}
 WHERE class = 'changed'
   AND 'changed' = ANY ({written})
