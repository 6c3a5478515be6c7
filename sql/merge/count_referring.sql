-- How many rows refer to rows that are deleted, except those that are deleted themselves.
SELECT count(*) AS rows
  FROM {referring} AS r
 WHERE EXISTS (
         SELECT
           FROM {referred} AS t
           JOIN {classified} AS c ON {same_row}
          WHERE c.op = 'd'
            AND {refers})
   AND {stays}
