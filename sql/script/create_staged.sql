-- Every record but those that lose to another of the same key. Temporary: found by its bare name, whatever the
-- search_path is, and seen by nobody else.
CREATE TEMPORARY VIEW staged AS
SELECT {columns}
  FROM {staging} AS s
 WHERE {wins}
