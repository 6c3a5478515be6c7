-- Records without a usable key, as places in their source, in the order of the file.
DECLARE refused NO SCROLL CURSOR FOR
SELECT (position >> 48)::integer AS source,
       position & 281474976710655 AS place,
       CASE WHEN {missing} THEN 'missing key' ELSE 'key too long' END AS reason
  FROM {staging} AS s
 WHERE {unusable}
 ORDER BY position
