-- The groups that the aggregates of an empty table will have: one session counts them while another fills the table.
CREATE UNLOGGED TABLE {counts} (
  aggregate  integer NOT NULL,
  value      text,
  count      bigint NOT NULL
)
