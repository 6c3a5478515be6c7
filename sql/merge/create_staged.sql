-- All records, except those that another record of the same key replaces. Temporary, so that its bare name is found
-- whatever the search_path is, and no other session sees it.
CREATE TEMPORARY VIEW staged AS
SELECT {columns}
  FROM {staging} AS s
 WHERE {wins}
