-- What runs changed: for each key of the table what became of it, with old and new values. Everything is text, so that no
-- type of a user's table is needed here, and none is kept from being altered or dropped.

-- planned: what the run would change is recorded, and its staging waits to be applied. undoes: the run that it takes back.
ALTER TABLE dasy.runs
  DROP CONSTRAINT runs_outcome_check,
  ADD CONSTRAINT runs_outcome_check CHECK (outcome IN ('completed', 'failed', 'interrupted', 'rejected', 'planned')),
  DROP CONSTRAINT runs_ended_check,
  ADD CONSTRAINT runs_ended_check CHECK (
    CASE state
      WHEN 'ended' THEN outcome IS NOT NULL AND outcome <> 'planned'
      ELSE outcome IS DISTINCT FROM 'completed'
    END),
  ADD COLUMN undoes bigint REFERENCES dasy.runs ON DELETE SET NULL;

CREATE INDEX runs_undoes ON dasy.runs (undoes) WHERE undoes IS NOT NULL;

-- The change set of a run. kind: where its rows are.
--   shared      in dasy.changes
--   own         in dasy.changes_N, because they are many: a table that is made and filled at once is cheaper, and so is dropping it
--   first_load  nowhere: they are the rows of the table that this transaction wrote (xid), and those that later sets replaced
--   none        nowhere: the run kept none (--no-history), or they were removed
-- columns: all stored columns besides the key, in the order of dasy.changes.old and new; attributes: the numbers of the key's
-- columns and of these. types are qualified.
-- xid: the transaction that applied the set, as xmin shows it; it is this row's own xmin too, unless the database was restored.
-- NULL while the set is planned. full_xid: the same with its epoch. subxids: the subtransactions of it that wrote rows.
-- file: the table's file, of a first load.
CREATE TABLE dasy.change_sets (
  run         bigint PRIMARY KEY REFERENCES dasy.runs ON DELETE CASCADE,
  relation    regclass,
  kind        text NOT NULL CHECK (kind IN ('shared', 'own', 'first_load', 'none')),
  key         text[] NOT NULL,
  key_types   text[] NOT NULL,
  columns     text[] NOT NULL,
  types       text[] NOT NULL,
  attributes  smallint[] NOT NULL,
  inserted    bigint NOT NULL,
  updated     bigint NOT NULL,
  deleted     bigint NOT NULL,
  digest      text,
  xid         bigint,
  full_xid    bigint,
  subxids     bigint[],
  file        bigint,
  written_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX change_sets_relation ON dasy.change_sets (relation, run);
CREATE INDEX change_sets_age ON dasy.change_sets (written_at) WHERE kind <> 'none';

-- A change of one key. op: i(nsert), u(pdate), d(elete). In an update old and new have only the columns that changed; of any
-- other column both are NULL. (Of a changed one at least one is not.) was: the xmin of the row that was replaced or deleted.
-- position: of the record in the run's sources.
CREATE TABLE dasy.changes (
  run       bigint NOT NULL,
  hash      bigint NOT NULL,
  position  bigint,
  was       xid,
  op        "char" NOT NULL,
  key       text[] NOT NULL,
  old       text[],
  new       text[]
);

-- With a publication for all tables, rows without a replica identity could not be deleted.
ALTER TABLE dasy.changes REPLICA IDENTITY FULL;

-- The run first, so that a run writes to few pages of a large index.
CREATE INDEX changes_key ON dasy.changes (run, hash);

-- Where the records of the ranges begin that changed something (lib/ledger/record-offsets.ts).
CREATE TABLE dasy.change_ranges (
  run         bigint NOT NULL,
  source      integer NOT NULL,
  start_byte  bigint NOT NULL,
  end_byte    bigint NOT NULL,
  first_line  bigint NOT NULL,
  places      bytea NOT NULL,
  PRIMARY KEY (run, source, start_byte)
);
-- Compression takes longer than all else that keeps them, and saves half.
ALTER TABLE dasy.change_ranges ALTER COLUMN places SET STORAGE EXTERNAL;

-- The changes of one key by those runs whose changes have tables of their own: a hash for each run. A loop is planned table by
-- table; one statement over a hundred tables would be planned for longer than it runs.
CREATE FUNCTION dasy.own_changes(runs bigint[], hashes bigint[])
RETURNS SETOF dasy.changes
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  FOR i IN 1 .. cardinality(runs) LOOP
    RETURN QUERY EXECUTE format(
      'SELECT run, hash, position, was, op, key, old, new FROM dasy.changes_%s WHERE hash = $1', runs[i]) USING hashes[i];
  END LOOP;
END
$$;
