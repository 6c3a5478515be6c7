CREATE SCHEMA dasy;

COMMENT ON SCHEMA dasy IS 'What the program dasy keeps for itself. "dasy migrate down" removes it.';

CREATE TABLE dasy.migrations (
  number      integer PRIMARY KEY,
  name        text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT now()
);
