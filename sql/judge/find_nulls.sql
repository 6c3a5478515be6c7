INSERT INTO {refused} (position, reason)
SELECT s.position, dasy.fault(ARRAY[$1::text], $2, NULL)
  FROM {staging} AS s
 WHERE {raw} IS NULL
