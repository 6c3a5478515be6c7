UPDATE {target} AS t
   SET {assignments}
  FROM {classified} AS c
 WHERE c.place IS NOT NULL
   AND {same_row}
