-- The rows to delete, where they are, with their keys and with what aggregates count. The condition sees the table by its own
-- name only: there is no alias.
CREATE TABLE {classified} AS
SELECT NULL::bigint AS position,
       ctid AS place,
       tableoid AS found_in,
       'd'::"char" AS op,
       {values}
  FROM {target}
 WHERE {condition}
