-- The first fault of each record, as places in their source, in the order of the file.
DECLARE refused NO SCROLL CURSOR FOR
SELECT DISTINCT ON (position)
       (position >> 48)::integer AS source,
       position & 281474976710655 AS place,
       reason
  FROM {refused}
 ORDER BY position, ordinal
