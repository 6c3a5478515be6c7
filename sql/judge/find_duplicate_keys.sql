-- One share of the keys, selected by their hash, so that several sessions can work at the same time. Unusable keys are
-- listed even if only one record has them. (IS NOT FALSE, because the hash of NULL is NULL: such keys are in every share.)
INSERT INTO {duplicate_keys}
SELECT {keys}, {winner}(s.position)
  FROM {staging} AS s
 WHERE ({hash} & $1 = $2) IS NOT FALSE
 GROUP BY {keys}
HAVING count(*) > 1
    OR {unusable}
