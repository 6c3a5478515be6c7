-- What a run needs to be gone on with by another process.

-- A run that stopped (failed, interrupted, over the limit) keeps its state, so that it can be gone on with;
-- "ended" is final. Each process that works at a run raises its attempt, so that one that has lost it can do no more:
-- whatever is written of a run is written by its latest attempt. host, pid and backend name who that is, touched_at
-- when it was last heard of.
ALTER TABLE dasy.runs
  DROP CONSTRAINT runs_check,
  ADD CONSTRAINT runs_ended_check CHECK (
    CASE state
      WHEN 'ended' THEN outcome IS NOT NULL
      ELSE outcome IS DISTINCT FROM 'completed'
    END),
  ADD COLUMN host text,
  ADD COLUMN pid integer,
  ADD COLUMN backend integer,
  ADD COLUMN attempt integer NOT NULL DEFAULT 1,
  ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();

-- path: absolute, where location is what the user typed. header: the first record as it stands in the file.
-- first_byte, first_line: where the data records begin.
ALTER TABLE dasy.sources
  ADD COLUMN path text,
  ADD COLUMN header bytea,
  ADD COLUMN first_byte bigint,
  ADD COLUMN first_line bigint;

-- The physical line behind the range, where a gap in what is staged begins.
ALTER TABLE dasy.ranges
  ADD COLUMN next_line bigint;

-- staged: it was in staging and counts in the positions of its range; what is wrong with it was found in SQL.
-- complete: record holds all of its bytes.
ALTER TABLE dasy.rejects
  ADD COLUMN staged boolean NOT NULL DEFAULT false,
  ADD COLUMN complete boolean NOT NULL DEFAULT true;

-- Runs of earlier versions lack all this.
UPDATE dasy.runs
   SET state = 'ended',
       outcome = coalesce(outcome, 'interrupted')
 WHERE state <> 'ended';
