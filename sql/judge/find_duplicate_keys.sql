-- A share of the keys, told by their hash, so that several sessions can look at once. What is no key at all is noted
-- even where it stands there once. (IS NOT FALSE, because NULL has no hash: it is in every share.)
INSERT INTO {duplicate_keys}
SELECT {keys}, {winner}(s.position), count(*)
  FROM {staging} AS s
 WHERE ({hash} & $1 = $2) IS NOT FALSE
 GROUP BY {keys}
HAVING count(*) > 1
    OR {unusable}
