CREATE UNIQUE INDEX {index} ON {aggregate} ({index_columns}) NULLS NOT DISTINCT
