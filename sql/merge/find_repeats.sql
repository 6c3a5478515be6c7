-- A share of the keys, told by their hash, so that several sessions can look at once.
INSERT INTO {repeats}
SELECT {keys}, {winner}(s.position), count(*)
  FROM {staging} AS s
 WHERE {hash} & $1 = $2
 GROUP BY {key_numbers}
HAVING count(*) > 1
