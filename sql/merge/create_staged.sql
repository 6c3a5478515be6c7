-- All records except duplicates. Temporary, so that its name is found with any search_path, and no other session sees it.
CREATE TEMPORARY VIEW staged AS
SELECT {columns}
  FROM {staging} AS s
 WHERE {wins}
