-- What an aggregate of an empty table will hold.
INSERT INTO {counts}
SELECT {value}, count(*) {and_aggregate}
  FROM {staging} AS s
 WHERE NOT EXISTS (
         SELECT
           FROM {repeats} AS r
          WHERE {same_key}
            AND r.winner <> s.position)
 GROUP BY {value}
 {in_order}
