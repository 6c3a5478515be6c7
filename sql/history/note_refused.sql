-- The changes with the keys $1 were refused in an earlier attempt, for the reasons $2.
INSERT INTO {misfits} (change, kind, reason)
SELECT c.ctid, 'refused', r.reason
  FROM unnest($1::text[], $2::text[]) AS r (key, reason)
  JOIN {changes} AS c ON c.key::text = r.key
 WHERE c.run = {run}
