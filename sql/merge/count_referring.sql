-- How many rows refer to rows that are deleted, except those that are deleted themselves.
SELECT count(*) AS rows
  FROM {referring} AS r
 WHERE {refers_to_deleted}
