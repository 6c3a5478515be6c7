CREATE {unlogged} TABLE {storage} (
  value   {type} {collation},
  change  bigint NOT NULL,
  level   smallint NOT NULL,
  epoch   bigint NOT NULL
)
