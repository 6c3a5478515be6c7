-- A slice of the records at the offsets $3: $5 bytes from $4 on.
SELECT byte,
       substr(record, $4 + 1, $5) AS bytes
  FROM dasy.rejects
 WHERE run = $1
   AND source = $2
   AND byte = ANY ($3::bigint[])
