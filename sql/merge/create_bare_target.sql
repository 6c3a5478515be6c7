-- Without its key, which is built once all rows are there.
CREATE TABLE {target} (
  {columns}
)
