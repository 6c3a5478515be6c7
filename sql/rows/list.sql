-- One page, and one row more if there is a next one. Which rows those are is found first: otherwise PostgreSQL writes all rows of a table
-- as JSON that it sorts without an index.
SELECT {row} AS row,
       {texts} AS texts
  FROM (
         SELECT {needed}
           FROM {target} AS t
          WHERE {condition}
            AND {after}
          ORDER BY {order}
          LIMIT {limit}) AS t
 CROSS JOIN LATERAL (SELECT {columns}) AS r
 ORDER BY {order}
