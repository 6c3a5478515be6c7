CREATE UNLOGGED TABLE {worker_staging} () INHERITS ({staging});

-- CACHE, because a session takes millions of values; UNLOGGED, because after a crash the rows are lost too.
CREATE UNLOGGED SEQUENCE {sequence} AS bigint MINVALUE 0 CACHE 1000 OWNED BY {worker_staging}.position;

ALTER TABLE {worker_staging} ALTER COLUMN position SET DEFAULT nextval({sequence_name})
