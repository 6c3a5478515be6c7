INSERT INTO {later} (run, hash, was, op, key, old, new)
SELECT c.run, c.hash, c.was::text::bigint, c.op, c.key, {old}, {new}
  FROM {changes} AS c
 WHERE c.run = ANY ($1::bigint[])
