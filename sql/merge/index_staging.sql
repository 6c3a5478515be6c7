-- The index of the key of a staging table that becomes the table; it is as in sql/merge/add_key.sql.
CREATE UNIQUE INDEX {index} ON {staging} ({key})
WITH (deduplicate_items = off)
