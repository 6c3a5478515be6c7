INSERT INTO {target} ({columns}) {overriding}
SELECT {values}
  FROM {classified} AS c
 WHERE c.place IS NULL {which}
