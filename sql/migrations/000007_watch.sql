-- The files that "dasy watch" found in its folders, and what is told about them.

-- An enqueued run whose files must still be as they were when it was enqueued, although no worker has begun with it.
ALTER TABLE dasy.jobs ADD COLUMN pinned boolean NOT NULL DEFAULT false;

-- A file that has arrived. place: the host on which the path is; '' in a shared folder, where the path is the same everywhere.
-- size, mtime_ns, inode: of the file that was claimed. hash: XXH64 of its bytes, at the latest when it is filed as loaded.
-- run: the load; NULL if there is none, because it has the content of the run same_as, or because it could not be opened: error.
-- stays: it is not moved. target: where it is being moved, or was. filed_at: then nothing is left to be done with it.
CREATE TABLE dasy.arrivals (
  arrival     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset     text NOT NULL,
  place       text NOT NULL,
  path        text NOT NULL,
  companion   text,
  size        bigint NOT NULL,
  mtime_ns    text NOT NULL,
  inode       text NOT NULL,
  hash        text,
  run         bigint REFERENCES dasy.runs ON DELETE SET NULL,
  same_as     bigint,
  error       jsonb,
  stays       boolean NOT NULL,
  target      text,
  outcome     text CHECK (outcome IN ('loaded', 'same', 'failed', 'replaced')),
  arrived_at  timestamptz NOT NULL DEFAULT now(),
  filed_at    timestamptz
);

-- By this, one of several watchers has a file.
CREATE UNIQUE INDEX arrivals_open ON dasy.arrivals (place, path) WHERE filed_at IS NULL;
CREATE INDEX arrivals_run ON dasy.arrivals (run);
CREATE INDEX arrivals_dataset ON dasy.arrivals (dataset, arrival);
CREATE INDEX arrivals_path ON dasy.arrivals (place, path, arrival);
CREATE INDEX arrivals_inode ON dasy.arrivals (place, inode) WHERE stays;

-- Since when a dataset is watched: before its first file arrives, none is missing yet.
CREATE TABLE dasy.watched (
  dataset     text PRIMARY KEY,
  since       timestamptz NOT NULL DEFAULT now()
);

-- What went wrong, told once until it is well again. place, path: of the file that is late, else ''.
CREATE TABLE dasy.alerts (
  alert       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause       text NOT NULL CHECK (cause IN ('late', 'missing', 'failed', 'rejects')),
  dataset     text NOT NULL,
  place       text NOT NULL DEFAULT '',
  path        text NOT NULL DEFAULT '',
  file        text,
  run         bigint,
  message     text NOT NULL,
  raised_at   timestamptz NOT NULL DEFAULT now(),
  cleared_at  timestamptz
);

CREATE UNIQUE INDEX alerts_open ON dasy.alerts (cause, dataset, place, path) WHERE cleared_at IS NULL;
