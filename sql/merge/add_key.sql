-- Without deduplication, which in a unique index compresses only versions of the same row, and makes a large update an
-- eighth slower.
ALTER TABLE {target} ADD {named} PRIMARY KEY ({key}) WITH (deduplicate_items = off)
