-- Staged records that cannot be loaded, in the order in which they are found: a record may have several faults.
CREATE TABLE {refused} (
  ordinal   integer GENERATED ALWAYS AS IDENTITY,
  position  bigint NOT NULL,
  reason    text NOT NULL
)
