-- What an aggregate of an empty table will hold, in the order of its index, so that the other session, which builds
-- that, need not sort.
INSERT INTO {counts}
SELECT $1, {value}, count(*)
  FROM {staging} AS s
 WHERE {wins}
 GROUP BY {value}
 ORDER BY {value} COLLATE "C"
