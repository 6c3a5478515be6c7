-- Webhooks, and what is to be told to them. What is told is written by triggers of the ledger, so in the transaction that publishes,
-- whoever publishes: no change goes untold, and what is rolled back is not told.

-- tables: as they are named; NULL: all. old_secret: it signs too, until old_until. disabled: why nothing is sent any more.
CREATE TABLE dasy.webhooks (
  webhook     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  url         text NOT NULL,
  events      text[] NOT NULL,
  tables      text[],
  secret      text NOT NULL,
  old_secret  text,
  old_until   timestamptz,
  disabled    text,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- What is to be told to a webhook, in the order in which it happened. queue: the table. message: the webhook-id; data: of run.* the
-- receipt, of a test what it says; of rows.changed NULL: the change set of the run has the changes. batch: the next one that is sent,
-- until: the last one, if not all are. attempts, failing_since, next_try: of the message that is sent next.
CREATE TABLE dasy.outbox (
  entry          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook        bigint NOT NULL REFERENCES dasy.webhooks ON DELETE CASCADE,
  queue          text NOT NULL,
  message        text NOT NULL,
  type           text NOT NULL,
  run            bigint,
  data           jsonb,
  batch          integer NOT NULL DEFAULT 1,
  until          integer,
  attempts       integer NOT NULL DEFAULT 0,
  failing_since  timestamptz,
  next_try       timestamptz NOT NULL DEFAULT now(),
  made_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at        timestamptz
);

CREATE INDEX outbox_waiting ON dasy.outbox (webhook, queue, entry) WHERE sent_at IS NULL;
CREATE INDEX outbox_run ON dasy.outbox (run);
CREATE INDEX outbox_sent ON dasy.outbox (sent_at) WHERE sent_at IS NOT NULL;

-- Every attempt to send a message. status: of the answer; answer: its beginning.
CREATE TABLE dasy.deliveries (
  delivery      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook       bigint NOT NULL REFERENCES dasy.webhooks ON DELETE CASCADE,
  entry         bigint NOT NULL,
  message       text NOT NULL,
  type          text NOT NULL,
  run           bigint,
  batch         integer NOT NULL,
  attempted_at  timestamptz NOT NULL DEFAULT now(),
  seconds       float8 NOT NULL,
  status        integer,
  error         text,
  answer        text NOT NULL DEFAULT ''
);

CREATE INDEX deliveries_webhook ON dasy.deliveries (webhook, delivery);
CREATE INDEX deliveries_age ON dasy.deliveries (attempted_at);

-- The table of a run as one name, however it was named; also for the names of tables in a webhook.
CREATE FUNCTION dasy.told_name(target text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
  SELECT coalesce(
           (SELECT pg_catalog.format('%s.%s', n.nspname, c.relname)
              FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.oid = pg_catalog.to_regclass(
                     CASE
                       WHEN pg_catalog.strpos(target, '.') = 0 THEN pg_catalog.quote_ident(target)
                       ELSE pg_catalog.concat(
                              pg_catalog.quote_ident(pg_catalog.split_part(target, '.', 1)), '.',
                              pg_catalog.quote_ident(pg_catalog.substr(target, pg_catalog.strpos(target, '.') + 1)))
                     END)),
           target)
$$;

-- Whether somebody is to be told of the changes of this table, which is named as in a run.
CREATE FUNCTION dasy.wants_changes(target text)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
  SELECT EXISTS (
           SELECT
             FROM dasy.webhooks AS w
            WHERE w.disabled IS NULL
              AND 'rows.changed' = ANY (w.events)
              AND (w.tables IS NULL
                   OR target = ANY (w.tables)
                   OR dasy.told_name(target) IN (SELECT dasy.told_name(t.name) FROM pg_catalog.unnest(w.tables) AS t (name))))
$$;

-- Appends an entry for each webhook that wants it. First it takes the lock of the table until the end of the transaction (the class
-- is that of lib/db/locks.ts), so that entries are appended in the order of the commits.
CREATE FUNCTION dasy.tell(event text, told_run bigint, target text, told jsonb)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  table_name text;
  hook bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM dasy.webhooks WHERE disabled IS NULL) THEN
    RETURN;
  END IF;
  -- One statement may both stop a run and take it out of the queue.
  IF event LIKE 'run.%'
     AND EXISTS (SELECT FROM dasy.outbox AS o WHERE o.run = told_run AND o.type = event AND o.made_at >= pg_catalog.now()) THEN
    RETURN;
  END IF;
  table_name := dasy.told_name(target);
  PERFORM pg_catalog.pg_advisory_xact_lock(1684108161, pg_catalog.hashtext(table_name));
  FOR hook IN
    SELECT w.webhook
      FROM dasy.webhooks AS w
     WHERE w.disabled IS NULL
       AND event = ANY (w.events)
       AND (w.tables IS NULL
            OR target = ANY (w.tables)
            OR table_name IN (SELECT dasy.told_name(t.name) FROM pg_catalog.unnest(w.tables) AS t (name)))
     ORDER BY w.webhook
  LOOP
    INSERT INTO dasy.outbox (webhook, queue, message, type, run, data)
    VALUES (hook, table_name, pg_catalog.concat('msg_', pg_catalog.gen_random_uuid()), event, told_run, told);
    PERFORM dasy.send_soon(hook, table_name);
  END LOOP;
END
$$;

-- Wakes a worker. Where there is no queue yet, the workers find what is to be sent when there is one.
CREATE FUNCTION dasy.send_soon(hook bigint, queue text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  IF pg_catalog.to_regclass('dasy_queue.migrations') IS NOT NULL THEN
    EXECUTE
      'SELECT dasy_queue.add_job(identifier => $1, payload => $2, job_key => $3, max_attempts => 32767)'
      USING 'send', pg_catalog.json_build_object('webhook', hook, 'queue', queue), pg_catalog.concat('send ', hook, ' ', queue);
  END IF;
END
$$;

-- The changes of a run. That of a plan has no transaction yet; when it is applied, its set is inserted once more.
CREATE FUNCTION dasy.tell_changes()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM dasy.tell('rows.changed', r.run, r.target, NULL)
     FROM dasy.runs AS r
    WHERE r.run = NEW.run
      AND NEW.kind <> 'none';
  RETURN NULL;
END
$$;

CREATE TRIGGER tell_changes
AFTER INSERT ON dasy.change_sets
FOR EACH ROW
WHEN (NEW.xid IS NOT NULL)
EXECUTE FUNCTION dasy.tell_changes();

-- What the receipt of a run says of its end.
CREATE FUNCTION dasy.tell_end(r dasy.runs)
RETURNS void
LANGUAGE sql
AS $$
  SELECT dasy.tell(
           pg_catalog.concat('run.', r.outcome),
           r.run,
           r.target,
           pg_catalog.jsonb_build_object(
             'status', r.outcome, 'rows', r.rows, 'aggregates', r.aggregates, 'seconds', r.seconds, 'error', r.error))
$$;

-- A run that ends or stops. Interrupted ones are not told: they go on. Nor are those that the queue may try again.
CREATE FUNCTION dasy.tell_run()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF NEW.outcome IN ('completed', 'planned') OR NOT EXISTS (SELECT FROM dasy.jobs AS j WHERE j.run = NEW.run AND j.waiting) THEN
    PERFORM dasy.tell_end(NEW);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER tell_run
AFTER UPDATE OF outcome ON dasy.runs
FOR EACH ROW
WHEN (NEW.outcome IN ('completed', 'failed', 'rejected', 'planned') AND OLD.outcome IS DISTINCT FROM NEW.outcome)
EXECUTE FUNCTION dasy.tell_run();

-- A run that the queue gives up.
CREATE FUNCTION dasy.tell_given_up()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM dasy.tell_end(r) FROM dasy.runs AS r WHERE r.run = NEW.run AND r.outcome IN ('failed', 'rejected');
  RETURN NULL;
END
$$;

CREATE TRIGGER tell_given_up
AFTER UPDATE OF waiting ON dasy.jobs
FOR EACH ROW
WHEN (OLD.waiting AND NOT NEW.waiting)
EXECUTE FUNCTION dasy.tell_given_up();
