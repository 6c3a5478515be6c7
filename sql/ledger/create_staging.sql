-- The parent has no rows of its own. The position is the first column, so that it can be read without the texts before it.
CREATE UNLOGGED TABLE {staging} (
  position bigint NOT NULL,
  {columns}
)
