SELECT dasy.confirm($1, $2::integer::oid, $3)
