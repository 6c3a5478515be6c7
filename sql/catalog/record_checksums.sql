-- Of those that have none yet.
UPDATE dasy.migrations AS m
   SET checksum = known.checksum
  FROM unnest($1::integer[], $2::text[]) AS known (number, checksum)
 WHERE m.number = known.number
   AND m.checksum IS NULL
