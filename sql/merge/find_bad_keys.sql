-- Records without a usable key, as places in their source, in the order of the file. The limit is that of a
-- B-tree entry, less what its header takes.
DECLARE bad_keys NO SCROLL CURSOR FOR
SELECT (position >> 48)::integer AS source,
       position & 281474976710655 AS place,
       CASE WHEN {missing} THEN 'missing key' ELSE 'key too long' END AS reason
  FROM {staging}
 WHERE {missing}
    OR {length} > 2600
 ORDER BY position
