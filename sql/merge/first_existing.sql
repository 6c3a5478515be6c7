-- The first record of the file whose key the table holds.
SELECT (s.position >> 48)::integer AS source,
       s.position & 281474976710655 AS place
  FROM {staging} AS s
  JOIN {target_row}
 ORDER BY s.position
 LIMIT 1
