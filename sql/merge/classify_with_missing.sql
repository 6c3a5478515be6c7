-- As classify.sql, and the rows of the table that the sources do not have, in the same pass. A record whose key is not unique
-- has a row here even if it does not win, so its key is not missing.
CREATE UNLOGGED TABLE {classified} AS
SELECT s.position,
       t.ctid AS place,
       {values}
  FROM (SELECT *,
               {keys}
          FROM {staging} AS s) AS s
  FULL JOIN {rows} AS t ON {same_key}
 WHERE CASE
         WHEN s.position IS NULL THEN {is_deleted}
         ELSE {wins} AND {counts}
       END
