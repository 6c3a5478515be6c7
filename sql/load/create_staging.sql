-- The parent holds no rows; it only makes one table of the workers' tables.
CREATE UNLOGGED TABLE {staging} (
  {columns},
  position bigint NOT NULL
)
