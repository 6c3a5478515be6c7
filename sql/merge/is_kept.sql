NOT EXISTS (
         SELECT
           FROM {classified} AS c
          WHERE c.op = 'd'
            AND {same_row})
