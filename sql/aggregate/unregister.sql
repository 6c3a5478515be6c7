DELETE FROM dasy.aggregates
 WHERE aggregate = $1
