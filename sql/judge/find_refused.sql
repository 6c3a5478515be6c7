-- The first fault of each record, as places in their source, in the order of the file.
DECLARE refused NO SCROLL CURSOR FOR
SELECT DISTINCT ON (position)
       {source} AS source,
       {place} AS place,
       reason
  FROM {refused}
 ORDER BY position, ordinal
