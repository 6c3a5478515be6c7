-- The parent has no rows; it only joins the workers' tables. The position is the first column, so that it is found
-- without reading the texts.
CREATE UNLOGGED TABLE {staging} (
  position bigint NOT NULL,
  {columns}
)
