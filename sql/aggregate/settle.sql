SELECT dasy.settle($1, $2) AS moved
