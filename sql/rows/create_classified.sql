-- The rows that are written: see merge's Classified. ordinal: their order; unnamed: the numbers of the columns that a row does
-- not name.
CREATE TABLE {classified} (
  "position"  bigint,
  place       tid,
  found_in    oid,
  op          "char",
  ordinal     bigint,
  unnamed     integer[],
  {columns}
)
