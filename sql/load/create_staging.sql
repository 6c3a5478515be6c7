-- The parent holds no rows; it only makes one table of the workers' tables. The position stands first, where it is
-- found without looking at the texts.
CREATE UNLOGGED TABLE {staging} (
  position bigint NOT NULL,
  {columns}
)
