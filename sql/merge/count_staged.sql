-- What an aggregate of an empty table will hold, in the order of its index, which is then built without a sort.
INSERT INTO {counts}
SELECT {value}, count(*) {and_aggregate}
  FROM {staging} AS s
 WHERE NOT EXISTS (
         SELECT
           FROM {repeats} AS r
          WHERE {same_key}
            AND r.winner <> s.position)
 GROUP BY {value}
 ORDER BY {value} COLLATE "C"
