SELECT dasy.apply_difference($1::regclass, $2) AS moved
