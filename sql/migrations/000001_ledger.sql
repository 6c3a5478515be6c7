-- The ledger: what ran, from which sources, and where each record of it went.
-- A run is a small state machine, planned -> staging -> staged -> merging -> ended. A run that is alive holds
-- a session advisory lock on (class, run); one that has not ended and holds none is dead.

CREATE TABLE dasy.runs (
  run         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command     text NOT NULL,
  state       text NOT NULL DEFAULT 'planned'
              CHECK (state IN ('planned', 'staging', 'staged', 'merging', 'ended')),
  outcome     text
              CHECK (outcome IN ('completed', 'failed', 'interrupted', 'rejected')),
  target      text NOT NULL,
  key         text[] NOT NULL,
  options     jsonb NOT NULL,
  workers     integer NOT NULL,
  rows        jsonb,
  aggregates  jsonb,
  seconds     jsonb,
  error       jsonb,
  started_at  timestamptz NOT NULL DEFAULT now(),
  ended_at    timestamptz,
  CHECK ((state = 'ended') = (outcome IS NOT NULL))
);

-- Where a run's bytes came from. A source need not be a file: bytes is null for one of unknown size, and one
-- that is not repeatable (a pipe) cannot be read a second time.
CREATE TABLE dasy.sources (
  run         bigint NOT NULL REFERENCES dasy.runs ON DELETE CASCADE,
  ordinal     integer NOT NULL,
  kind        text NOT NULL,
  location    text NOT NULL,
  bytes       bigint,
  repeatable  boolean NOT NULL,
  identity    jsonb NOT NULL,
  PRIMARY KEY (run, ordinal)
);

-- Every piece handed to COPY, committed together with the rows it staged. Unlogged on purpose: PostgreSQL
-- empties it after a crash together with the unlogged staging tables, so it never tells of rows that are gone.
CREATE UNLOGGED TABLE dasy.ranges (
  run         bigint NOT NULL,
  source      integer NOT NULL,
  start_byte  bigint NOT NULL,
  end_byte    bigint NOT NULL,
  first_line  bigint NOT NULL,
  records     bigint NOT NULL,
  rejected    bigint NOT NULL,
  PRIMARY KEY (run, source, start_byte)
);

CREATE TABLE dasy.rejects (
  run         bigint NOT NULL REFERENCES dasy.runs ON DELETE CASCADE,
  source      integer NOT NULL,
  byte        bigint NOT NULL,
  line        bigint NOT NULL,
  reason      text NOT NULL,
  record      bytea NOT NULL,
  PRIMARY KEY (run, source, byte)
);
