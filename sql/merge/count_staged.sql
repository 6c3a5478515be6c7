-- The groups that an aggregate of an empty table will have.
INSERT INTO {counts}
SELECT $1, {value}, count(*)
  FROM {staging} AS s
 WHERE {wins}
 GROUP BY {value}
