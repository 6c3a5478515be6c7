-- The records that lose to another one with the same key. They are few, so leaving them out is cheap.
CREATE UNLOGGED TABLE {losers} (
  position  bigint NOT NULL
)
