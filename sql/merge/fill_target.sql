-- Every record but those that lose to another of the same key.
INSERT INTO {target} ({columns})
SELECT {values}
  FROM {staging} AS s
 WHERE NOT EXISTS (
         SELECT
           FROM {repeats} AS r
          WHERE {same_key}
            AND r.winner <> s.position)
