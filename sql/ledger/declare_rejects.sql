DECLARE rejected NO SCROLL CURSOR FOR
SELECT line,
       byte,
       reason,
       record,
       complete
  FROM dasy.rejects
 WHERE run = $1
 ORDER BY source, byte
