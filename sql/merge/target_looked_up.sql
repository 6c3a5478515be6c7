LATERAL (
         -- OFFSET keeps this a separate query that is run for each key, so that the planner cannot turn it into a join.
         SELECT {columns}
           FROM {target} AS t
          WHERE {same_key}
         OFFSET 0) AS t ON true
