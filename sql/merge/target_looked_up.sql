LATERAL (
         -- OFFSET keeps it a query of its own, which is run for each key: no estimate makes a scan of it.
         SELECT t.ctid, t.*
           FROM {target} AS t
          WHERE {same_key}
         OFFSET 0) AS t ON true
