-- Through jsonb, because the table of a version before the first release may have no column checksum.
SELECT number,
       name,
       applied_at,
       to_jsonb(m) ->> 'checksum' AS checksum
  FROM dasy.migrations AS m
 ORDER BY number
