-- A range, if it was committed although the connection broke before the server's answer.
SELECT records,
       rejected
  FROM dasy.ranges
 WHERE run = $1
   AND source = $2
   AND start_byte = $3
   AND end_byte = $4
