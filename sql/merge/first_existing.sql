-- The first record of the file whose key the table holds.
SELECT (position >> 48)::integer AS source,
       position & 281474976710655 AS place
  FROM {classified}
 WHERE class <> 'new'
 ORDER BY position
 LIMIT 1
