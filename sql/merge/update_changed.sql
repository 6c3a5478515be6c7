UPDATE {target} AS t
   SET {assignments}
  FROM {classified} AS c
 WHERE {changed}
   AND {same_row}
