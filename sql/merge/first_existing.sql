-- The first record of the file whose key is in the table.
SELECT {source} AS source,
       {place} AS place
  FROM {staging} AS s
  JOIN {target_row}
 ORDER BY s.position
 LIMIT 1
