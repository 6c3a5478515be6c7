-- The changes of the rows at the positions $1, which were refused for the reasons $2.
SELECT c.key::text AS key,
       r.reason
  FROM unnest($1::bigint[], $2::text[]) AS r (position, reason)
  JOIN {inverse} AS i ON i.position = r.position
  JOIN {changes} AS c ON c.ctid = i.change
