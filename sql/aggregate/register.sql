INSERT INTO dasy.aggregates (target, attribute, kind, relation)
VALUES ($1::integer::oid::regclass, $2, $3, $4::regclass)
RETURNING aggregate AS id
