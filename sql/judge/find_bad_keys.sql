-- Records without a usable key, as places in their source, in the order of the file.
DECLARE refused NO SCROLL CURSOR FOR
SELECT {source} AS source,
       {place} AS place,
       CASE WHEN {missing} THEN 'missing key' ELSE 'key too long' END AS reason
  FROM {staging} AS s
 WHERE {unusable}
 ORDER BY position
