UPDATE {target} AS t
   SET {assignments}
  FROM {classified} AS c
 WHERE c.class = 'changed'
   AND {same_as_classified}
