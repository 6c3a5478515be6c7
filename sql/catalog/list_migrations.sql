-- By way of jsonb, because migrations up to 7 know no checksum.
SELECT number,
       name,
       applied_at,
       to_jsonb(m) ->> 'checksum' AS checksum
  FROM dasy.migrations AS m
 ORDER BY number
