-- Makes a table that was filled beside the user's tables one of them.
ALTER TABLE {prepared} SET SCHEMA {schema};
ALTER TABLE {moved} RENAME TO {name};
ALTER TABLE {relation} ALTER COLUMN {count} SET NOT NULL
