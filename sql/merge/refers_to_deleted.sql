EXISTS (
         SELECT
           FROM {referred} AS t
           JOIN {classified} AS c ON {same_row}
          WHERE c.op = 'd'
            AND {refers})
   AND {stays}
