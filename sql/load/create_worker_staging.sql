CREATE UNLOGGED TABLE {worker_staging} () INHERITS ({staging});

-- Cached, because a session takes a million of them; unlogged, because its values die with the rows.
CREATE UNLOGGED SEQUENCE {sequence} AS bigint MINVALUE 0 CACHE 1000 OWNED BY {worker_staging}.position;

ALTER TABLE {worker_staging} ALTER COLUMN position SET DEFAULT nextval({sequence_name})
