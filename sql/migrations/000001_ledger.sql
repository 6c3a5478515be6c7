-- The ledger: what ran, from which sources, and where each record of it went.

-- A run is a small state machine, opened -> staging -> staged -> merging -> ended. A run that is alive holds a session
-- advisory lock on (class, run); one that has not ended and holds none is dead. A run that stopped (failed, interrupted,
-- over the limit) keeps its state, so that it can be resumed; "ended" is final. Each process that works at a run raises
-- its attempt, so that one that has lost it can do no more: whatever is written of a run is written by its latest
-- attempt. host, pid and backend name who that is, touched_at when it was last heard of.
-- doubts: what the detection of a file's dialect was not sure of, an array of lines, each of which names the flag that
-- decides.
CREATE TABLE dasy.runs (
  run         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command     text NOT NULL,
  state       text NOT NULL DEFAULT 'opened'
              CHECK (state IN ('opened', 'staging', 'staged', 'merging', 'ended')),
  outcome     text
              CHECK (outcome IN ('completed', 'failed', 'interrupted', 'rejected')),
  target      text NOT NULL,
  key         text[] NOT NULL,
  options     jsonb NOT NULL,
  workers     integer NOT NULL,
  attempt     integer NOT NULL DEFAULT 1,
  host        text,
  pid         integer,
  backend     integer,
  rows        jsonb,
  aggregates  jsonb,
  seconds     jsonb,
  error       jsonb,
  doubts      jsonb NOT NULL DEFAULT '[]',
  started_at  timestamptz NOT NULL DEFAULT now(),
  touched_at  timestamptz NOT NULL DEFAULT now(),
  ended_at    timestamptz,
  CONSTRAINT runs_ended_check CHECK (
    CASE state
      WHEN 'ended' THEN outcome IS NOT NULL
      ELSE outcome IS DISTINCT FROM 'completed'
    END)
);

-- Where a run's bytes came from, and how they are read, for a run that is resumed when the source is gone. A source need
-- not be a file: bytes is null for one of unknown size, and one that is not repeatable (a pipe) cannot be read again.
-- location is what the user typed, path the same made absolute. bytes is what is stored or sent, which may be compressed;
-- text_bytes tells where its text ends, once that is known. header: the first record as it stands in the file.
-- first_byte, first_line: where the data records begin.
CREATE TABLE dasy.sources (
  run         bigint NOT NULL REFERENCES dasy.runs ON DELETE CASCADE,
  ordinal     integer NOT NULL,
  kind        text NOT NULL,
  location    text NOT NULL,
  path        text,
  bytes       bigint,
  repeatable  boolean NOT NULL,
  identity    jsonb NOT NULL,
  encoding    text,
  dialect     jsonb,
  columns     text[],
  header      bytea,
  first_byte  bigint,
  first_line  bigint,
  text_bytes  bigint,
  PRIMARY KEY (run, ordinal)
);

-- Every range handed to COPY, committed together with the rows it staged. Unlogged on purpose: PostgreSQL empties it
-- after a crash together with the unlogged staging tables, so it never tells of rows that are gone.
-- next_line: the physical line behind the range, where a gap in what is staged begins. places: where the records of the
-- range begin, if its source cannot be read again (lib/ledger/record-offsets.ts).
CREATE UNLOGGED TABLE dasy.ranges (
  run         bigint NOT NULL,
  source      integer NOT NULL,
  start_byte  bigint NOT NULL,
  end_byte    bigint NOT NULL,
  first_line  bigint NOT NULL,
  next_line   bigint,
  records     bigint NOT NULL,
  rejected    bigint NOT NULL,
  places      bytea,
  PRIMARY KEY (run, source, start_byte)
);

-- staged: it was in staging and counts in the positions of its range; what is wrong with it was found in SQL.
-- complete: record holds all of its bytes.
CREATE TABLE dasy.rejects (
  run         bigint NOT NULL REFERENCES dasy.runs ON DELETE CASCADE,
  source      integer NOT NULL,
  byte        bigint NOT NULL,
  line        bigint NOT NULL,
  reason      text NOT NULL,
  record      bytea NOT NULL,
  staged      boolean NOT NULL DEFAULT false,
  complete    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (run, source, byte)
);
