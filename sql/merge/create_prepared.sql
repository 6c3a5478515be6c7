-- The storage of the aggregate of a new table, for groups that were counted before. All of them have the same epoch.
CREATE TABLE {prepared} (
  value   text,
  change  bigint,
  level   smallint,
  epoch   bigint DEFAULT {epoch}
)
