-- Without its key, which is built once all rows are there. A tenth of each page is left free, so that a row that
-- changes finds room where it is, and its index entries stay as they are (HOT).
CREATE TABLE {target} (
  {columns}
)
WITH (fillfactor = 90)
