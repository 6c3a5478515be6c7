CREATE SCHEMA dasy;

COMMENT ON SCHEMA dasy IS 'What the program dasy keeps for itself. "dasy migrate down" removes it.';

-- checksum: of the text of the migration when it was applied. That text never changes.
CREATE TABLE dasy.migrations (
  number      integer PRIMARY KEY,
  name        text NOT NULL,
  checksum    text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT now()
);
