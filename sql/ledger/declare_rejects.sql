DECLARE rejected NO SCROLL CURSOR FOR
SELECT source,
       byte,
       line,
       reason,
       complete,
       octet_length(record) AS length
  FROM dasy.rejects
 WHERE run = $1
   AND ($2::integer IS NULL OR source = $2)
 ORDER BY source, byte
