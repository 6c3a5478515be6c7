-- What the inserts and updates of a run change in an aggregate. Most updates leave the counted value as it was, to the
-- byte; what is equal otherwise cancels out when it is grouped.
SELECT {value}, 1
  FROM {classified}
 WHERE {written}
   AND (place IS NULL OR pg_catalog.record_image_ne(ROW({value}), ROW({old})))
 UNION ALL
SELECT {old}, -1
  FROM {classified}
 WHERE place IS NOT NULL
   AND pg_catalog.record_image_ne(ROW({value}), ROW({old}))
