-- Without deduplication, which in a unique index only ever packs together the versions of a row, and makes a large
-- update slower by an eighth.
ALTER TABLE {target} ADD {named} PRIMARY KEY ({key}) WITH (deduplicate_items = off)
