DELETE FROM dasy.ranges
 WHERE run = $1
