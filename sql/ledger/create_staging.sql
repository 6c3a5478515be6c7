-- The table of the first worker, from which those of the others inherit. The position is the first column, so that it can be read
-- without the texts before it.
--
-- CACHE, because a session takes millions of positions. The sequence is logged: PostgreSQL searches all shared buffers when it
-- creates one that is not.
CREATE SEQUENCE {sequence} AS bigint MINVALUE 0 CACHE 1000;

CREATE UNLOGGED TABLE {worker_staging} (
  position bigint NOT NULL DEFAULT nextval({sequence_name}),
  {columns}
);

ALTER SEQUENCE {sequence} OWNED BY {worker_staging}.position
