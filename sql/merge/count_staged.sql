-- In the order of the aggregate's index, which is then built without a sort.
INSERT INTO {counts}
SELECT $1, {value}, count(*)
  FROM {staging} AS s
 WHERE NOT EXISTS (
         SELECT
           FROM {repeats} AS r
          WHERE {same_key}
            AND r.winner <> s.position)
 GROUP BY {value}
 ORDER BY {value} COLLATE "C"
