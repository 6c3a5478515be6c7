-- The row with a key, and what the table is like.
SELECT {shape} AS shape,
       (
         SELECT {row}
           FROM {target} AS t
          CROSS JOIN LATERAL (SELECT {columns}) AS r
          WHERE {same_key}
          LIMIT 1) AS row
