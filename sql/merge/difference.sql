-- What the inserts and updates of a run change in an aggregate. Updates that leave the counted value the same, byte by byte,
-- are left out. If the old and the new value are equal in another way, their changes add up to 0 in their group.
SELECT {value}, 1
  FROM {classified}
 WHERE {written}
   AND (place IS NULL OR {moved})
 UNION ALL
SELECT {old}, -1
  FROM {classified}
 WHERE {changed}
   AND {moved}
