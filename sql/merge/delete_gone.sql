DELETE FROM {target} AS t
 USING {classified} AS c
 WHERE c.op = 'd'
   AND {same_row}
