-- Like create_staging, for another worker.
CREATE SEQUENCE {sequence} AS bigint MINVALUE 0 CACHE 1000;

CREATE UNLOGGED TABLE {worker_staging} (
  position bigint NOT NULL DEFAULT nextval({sequence_name})
) INHERITS ({staging});

ALTER SEQUENCE {sequence} OWNED BY {worker_staging}.position
