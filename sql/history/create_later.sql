-- What later runs did to the rows of a first load, with values in the order of the table's columns.
CREATE TABLE {later} (
  run   bigint NOT NULL,
  hash  bigint NOT NULL,
  was   bigint,
  op    "char" NOT NULL,
  key   text[] NOT NULL,
  old   text[],
  new   text[]
)
