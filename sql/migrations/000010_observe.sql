-- What metrics count: sums of what the runs did. Each run raises them when it ends, by triggers of the ledger, so in the transaction
-- that ends it, whatever ends it: nothing is counted twice or lost by a crash, and it costs no round trip.

-- counted: the outcome that the sums have counted, until the run goes on. counted_read, counted_rejected: how many of its records
-- they have counted, so that a run that goes on, or is applied, counts only what it adds.
ALTER TABLE dasy.runs
  ADD COLUMN counted text,
  ADD COLUMN counted_read bigint NOT NULL DEFAULT 0,
  ADD COLUMN counted_rejected bigint NOT NULL DEFAULT 0;

-- The request of a client of "dasy serve" that has put the run into the queue, for the logs.
ALTER TABLE dasy.jobs ADD COLUMN request text;

-- One row for each table, command and outcome. read, bytes: of sources. shard: writers of single rows of one table do not wait for each
-- other. Only completed runs count what became of records; others only what they have read and rejected.
CREATE TABLE dasy.sums (
  target      text NOT NULL,
  command     text NOT NULL,
  status      text NOT NULL,
  shard       smallint NOT NULL,
  runs        bigint NOT NULL,
  read        bigint NOT NULL,
  bytes       bigint NOT NULL,
  rejected    bigint NOT NULL,
  duplicates  bigint NOT NULL,
  inserted    bigint NOT NULL,
  updated     bigint NOT NULL,
  unchanged   bigint NOT NULL,
  skipped     bigint NOT NULL,
  deleted     bigint NOT NULL,
  ended_at    timestamptz NOT NULL,
  PRIMARY KEY (target, command, status, shard)
) WITH (fillfactor = 50);

-- Attempts to send messages to webhooks: delivered, or failed. dasy.deliveries forgets them.
CREATE TABLE dasy.delivery_sums (
  outcome     text PRIMARY KEY,
  deliveries  bigint NOT NULL
) WITH (fillfactor = 50);

-- Decides what of the outcome is counted. A failure that the queue tries again is not, until it is given up.
CREATE FUNCTION dasy.mark_end()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.outcome IS NULL OR NEW.outcome IN ('completed', 'planned')
     OR NOT EXISTS (SELECT FROM dasy.jobs AS j WHERE j.run = NEW.run AND j.waiting) THEN
    NEW.counted := NEW.outcome;
    IF NEW.command IN ('ingest', 'update', 'plan') THEN
      -- It ignores NULL.
      NEW.counted_read := greatest(OLD.counted_read, (NEW.rows ->> 'read')::bigint);
      NEW.counted_rejected := greatest(OLD.counted_rejected, (NEW.rows ->> 'rejected')::bigint);
    END IF;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER mark_end
BEFORE UPDATE OF outcome ON dasy.runs
FOR EACH ROW
WHEN (NEW.outcome IS DISTINCT FROM OLD.counted)
EXECUTE FUNCTION dasy.mark_end();

-- Its name is behind tell_run: so whoever waits for the lock of what is told has no row of the sums yet.
CREATE FUNCTION dasy.total_run()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  done jsonb := CASE NEW.counted WHEN 'completed' THEN NEW.rows END;
BEGIN
  INSERT INTO dasy.sums AS s
  SELECT NEW.target,
         NEW.command,
         NEW.counted,
         CASE NEW.command WHEN 'row' THEN pg_backend_pid() % 16 ELSE 0 END,
         1,
         NEW.counted_read - OLD.counted_read,
         CASE NEW.counted
           WHEN 'completed' THEN (SELECT coalesce(sum(bytes), 0) FROM dasy.sources WHERE run = NEW.run)
           ELSE 0
         END,
         NEW.counted_rejected - OLD.counted_rejected,
         coalesce((done ->> 'duplicates')::bigint, 0),
         coalesce((done ->> 'inserted')::bigint, 0),
         coalesce((done ->> 'updated')::bigint, 0),
         coalesce((done ->> 'unchanged')::bigint, 0),
         coalesce((done ->> 'skipped')::bigint, 0),
         coalesce((done ->> 'deleted')::bigint, 0),
         clock_timestamp()
      ON CONFLICT (target, command, status, shard) DO UPDATE
     SET runs = s.runs + excluded.runs,
         read = s.read + excluded.read,
         bytes = s.bytes + excluded.bytes,
         rejected = s.rejected + excluded.rejected,
         duplicates = s.duplicates + excluded.duplicates,
         inserted = s.inserted + excluded.inserted,
         updated = s.updated + excluded.updated,
         unchanged = s.unchanged + excluded.unchanged,
         skipped = s.skipped + excluded.skipped,
         deleted = s.deleted + excluded.deleted,
         ended_at = excluded.ended_at;
  RETURN NULL;
END
$$;

CREATE TRIGGER total_run
AFTER UPDATE ON dasy.runs
FOR EACH ROW
WHEN (NEW.counted IS NOT NULL AND NEW.counted IS DISTINCT FROM OLD.counted)
EXECUTE FUNCTION dasy.total_run();

-- A run that the queue gives up, or that was cancelled, and has not been counted yet.
CREATE FUNCTION dasy.total_given_up()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE dasy.runs AS r
     SET outcome = r.outcome
   WHERE r.run = NEW.run
     AND r.outcome IS NOT NULL
     AND r.counted IS DISTINCT FROM r.outcome;
  RETURN NULL;
END
$$;

CREATE TRIGGER total_given_up
AFTER UPDATE OF waiting ON dasy.jobs
FOR EACH ROW
WHEN (OLD.waiting AND NOT NEW.waiting)
EXECUTE FUNCTION dasy.total_given_up();
