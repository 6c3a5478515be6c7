-- What the aggregates of an empty table will hold: counted by one session while another fills that table.
CREATE UNLOGGED TABLE {counts} (
  aggregate  integer NOT NULL,
  value      text,
  count      bigint NOT NULL
)
