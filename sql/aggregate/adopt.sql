-- Makes a table that was filled beside the user's tables one of them, with its index.
ALTER TABLE {prepared} SET SCHEMA {schema};
ALTER TABLE {moved} RENAME TO {name};
ALTER INDEX {moved_index} RENAME TO {index};
ALTER TABLE {relation} ALTER COLUMN {count} SET NOT NULL
