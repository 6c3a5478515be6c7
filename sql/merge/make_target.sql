-- Every record but those that lose to another of the same key. Made with its rows, PostgreSQL fills it page by page; an
-- INSERT looks the page up for each row. A tenth of each page is left free, so that a row that changes finds room where
-- it is, and its index entries stay as they are (HOT).
CREATE TABLE {target} ({columns})
WITH (fillfactor = 90) AS
SELECT {values}
  FROM {staging} AS s
 WHERE {wins}
