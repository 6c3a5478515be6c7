SELECT {old}, -1
  FROM {classified}
 WHERE op = 'd'
