-- Which tables dasy made. Only these get columns without being asked to, and only these may have their key
-- rebuilt by a first load; migrate down removes no other.
CREATE TABLE dasy.tables (
  relation  regclass PRIMARY KEY,
  made_at   timestamptz NOT NULL DEFAULT now()
);
