DELETE FROM {classified} AS c
 USING {target} AS t
 WHERE c.op = 'u'
   AND {same_row}
   AND NOT ({differs})
