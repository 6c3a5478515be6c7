-- Rows of the table that the sources do not have. The subquery has no alias and no other table: the user's condition sees the
-- table by its own name, and nothing of dasy.
INSERT INTO {classified} ({columns})
SELECT {values}
  FROM (SELECT ctid AS place,
               tableoid AS found_in,
               {named}
          FROM {target}
         WHERE {condition}) AS t
 WHERE {has_key}
   AND NOT EXISTS (
         SELECT
           FROM {staging} AS s
          WHERE {same_key})
