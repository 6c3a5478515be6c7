INSERT INTO {later} (run, xid, hash, was, op, key, old, new)
SELECT c.run, s.xid, c.hash, c.was::text::bigint, c.op, c.key, {old}, {new}
  FROM {changes} AS c
  JOIN dasy.change_sets AS s ON s.run = c.run
 WHERE c.run = ANY ($1::bigint[])
