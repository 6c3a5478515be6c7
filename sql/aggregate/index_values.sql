-- A hash has no limit of length. Rows of the lowest levels come and go often, are few, and are not in it.
CREATE INDEX {value_index} ON {storage} USING {method} (value) WHERE level >= 2
