SELECT byte
  FROM dasy.rejects
 WHERE run = $1
   AND source = $2
   AND byte >= $3
   AND byte < $4
   AND NOT staged
 ORDER BY byte
