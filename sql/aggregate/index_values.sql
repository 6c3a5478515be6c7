-- A hash index has no limit of length. The two lowest levels are not in it: they have few rows, which are often replaced.
--
-- With much memory PostgreSQL would not sort the rows by bucket but insert them in any order, which takes twice as long for
-- two million groups.
SET LOCAL maintenance_work_mem = '16MB';

CREATE INDEX {value_index} ON {storage} USING {method} (value) WHERE level >= 2
