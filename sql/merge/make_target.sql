-- A table with all records except duplicates. CREATE TABLE AS fills page after page; an INSERT would look up the page for
-- each row. A tenth of each page is left free, so that an updated row stays on its page and its index entries stay the same
-- (HOT).
CREATE TABLE {target} ({columns})
WITH (fillfactor = 90) AS
SELECT {values}
  FROM {staging} AS s
 WHERE {wins}
