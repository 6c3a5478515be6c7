-- The runs that were enqueued. A row stays with its run: "dasy jobs" shows also those that are done.

-- queue: the table, qualified and quoted; what changes one table is done in the order of the runs.
-- action: what is done with the run. It is begun, or gone on with; or it is a plan, which is applied or planned again.
-- host: the only host that can do it, because its files are there; NULL: any. tuning: the options that do not decide the result.
-- waiting: it is to be done, or being done. attempts: how often it failed with something that may pass.
-- worker: who took it, and holds an advisory lock on the hash of this name as long as it lives.
CREATE TABLE dasy.jobs (
  run           bigint PRIMARY KEY REFERENCES dasy.runs ON DELETE CASCADE,
  queue         text NOT NULL,
  action        text NOT NULL DEFAULT 'run' CHECK (action IN ('run', 'apply', 'replan')),
  host          text,
  tuning        jsonb NOT NULL,
  waiting       boolean NOT NULL DEFAULT true,
  attempts      integer NOT NULL DEFAULT 0,
  max_attempts  integer NOT NULL,
  next_try      timestamptz NOT NULL DEFAULT now(),
  worker        text,
  enqueued_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX jobs_waiting ON dasy.jobs (queue, run) WHERE waiting;
