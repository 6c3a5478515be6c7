-- Rows that are still in the table were not deleted.
DELETE FROM {classified} AS c
 USING {target} AS t
 WHERE c.op = 'd'
   AND {same_row}
