-- Of a table and all that inherit from it. (As the file system has them: what the catalog says may be of yesterday.)
WITH RECURSIVE family (relation) AS (
  SELECT $1::integer::oid
   UNION
  SELECT i.inhrelid
    FROM family
    JOIN pg_inherits AS i ON i.inhparent = family.relation
)
SELECT (coalesce(sum(pg_relation_size(relation)), 0) / current_setting('block_size')::integer)::bigint AS pages
  FROM family
