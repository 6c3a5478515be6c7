INSERT INTO dasy.aggregates (aggregate, target, column_name, kind, relation, groups, base_epoch)
OVERRIDING SYSTEM VALUE
VALUES ($1, $2::integer::oid::regclass, $3, $4, $5::regclass, $6, $7)
