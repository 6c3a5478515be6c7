-- The pages of a table and of all tables that inherit from it, by their files: the number in the catalog may be outdated.
WITH RECURSIVE family (relation) AS (
  SELECT $1::integer::oid
   UNION
  SELECT i.inhrelid
    FROM family
    JOIN pg_inherits AS i ON i.inhparent = family.relation
)
SELECT (coalesce(sum(pg_relation_size(relation)), 0) / current_setting('block_size')::integer)::bigint AS pages
  FROM family
