INSERT INTO {target} ({columns})
SELECT {values}
  FROM {classified} AS c
 WHERE c.place IS NULL {which}
