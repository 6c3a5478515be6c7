INSERT INTO {refused} (position, reason)
SELECT *
  FROM unnest($1::bigint[], $2::text[])
