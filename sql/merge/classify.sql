-- One row per key of the file: new to the table, changed, or the same. A row that stays the same carries no
-- values; it is only counted.
CREATE UNLOGGED TABLE {classified} AS
SELECT position,
       class,
       {kept_values}
  FROM (
         SELECT s.position,
                CASE
                  WHEN t.ctid IS NULL THEN 'new'
                  WHEN {differs} THEN 'changed'
                  ELSE 'same'
                END AS class,
                {values}
           FROM {staging} AS s
           LEFT JOIN {target} AS t ON {same_as_target}
          WHERE NOT EXISTS (
                  SELECT
                    FROM {repeats} AS r
                   WHERE {same_key}
                     AND r.winner <> s.position)
       ) AS compared
