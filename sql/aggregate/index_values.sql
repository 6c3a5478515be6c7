-- A hash index has no limit of length. The two lowest levels are not in it: they have few rows, which are often replaced.
CREATE INDEX {value_index} ON {storage} USING {method} (value) WHERE level >= 2
