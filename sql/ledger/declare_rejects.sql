DECLARE rejected NO SCROLL CURSOR FOR
SELECT source,
       byte,
       line,
       reason,
       complete,
       octet_length(record) AS length
  FROM dasy.rejects
 WHERE run = $1
 ORDER BY source, byte
