-- From the file's wide records to rows and keys. "staged" holds the records of this file, repeated titles decided; what
-- other files brought stays as it is. Only what is new or has changed is written, so a file that comes again writes
-- nothing, and a title keeps its number for ever.

CREATE TEMPORARY TABLE said_title ON COMMIT DROP AS
SELECT DISTINCT ON (btrim(title))
       btrim(title) AS name,
       nullif(btrim("pdl count"), '')::bigint AS pdl_count,
       dasy_position AS place
  FROM staged
 ORDER BY btrim(title), dasy_position DESC; -- titles that differ by blanks only are one: the last record counts

CREATE TEMPORARY TABLE said_related ON COMMIT DROP AS
SELECT t.name AS title,
       btrim(cell.value) AS name,
       min(cell.rank) AS rank,
       t.place
  FROM said_title AS t
  JOIN staged AS s ON s.dasy_position = t.place
 CROSS JOIN LATERAL (
         VALUES (1, s."top related titles 1"), (2, s."top related titles 2"), (3, s."top related titles 3"),
                (4, s."top related titles 4"), (5, s."top related titles 5"), (6, s."top related titles 6"),
                (7, s."top related titles 7"), (8, s."top related titles 8"), (9, s."top related titles 9"),
                (10, s."top related titles 10"), (11, s."top related titles 11"), (12, s."top related titles 12"),
                (13, s."top related titles 13"), (14, s."top related titles 14"), (15, s."top related titles 15"),
                (16, s."top related titles 16"), (17, s."top related titles 17"), (18, s."top related titles 18"),
                (19, s."top related titles 19")
       ) AS cell (rank, value)
 WHERE btrim(cell.value) <> '' -- nor NULL
 GROUP BY t.name, t.place, btrim(cell.value);

ANALYZE said_title;
ANALYZE said_related;

-- Numbered in the order of the file, so that the same files give the same numbers.
INSERT INTO datawarehouse.titles (name)
SELECT said.name
  FROM (
         SELECT name, place, 0 AS rank FROM said_title
          UNION ALL
         SELECT name, place, rank FROM said_related
       ) AS said
 WHERE NOT EXISTS (SELECT FROM datawarehouse.titles AS t WHERE t.name = said.name)
 GROUP BY said.name
 ORDER BY min(said.place), (array_agg(said.rank ORDER BY said.place, said.rank))[1];

INSERT INTO datawarehouse.job_titles (title_id, pdl_count, first_run)
SELECT t.id, said.pdl_count, current_setting('dasy.run')::bigint
  FROM said_title AS said
  JOIN datawarehouse.titles AS t ON t.name = said.name
 WHERE NOT EXISTS (
         SELECT
           FROM datawarehouse.job_titles AS j
          WHERE j.title_id = t.id
            AND j.pdl_count IS NOT DISTINCT FROM said.pdl_count
       )
    ON CONFLICT (title_id) DO UPDATE
   SET pdl_count = excluded.pdl_count;

-- Of a title that the file names, what the file does not name any more is related no longer.
DELETE FROM datawarehouse.related_titles AS r
 USING said_title AS said
  JOIN datawarehouse.titles AS t ON t.name = said.name
 WHERE r.job_title_id = t.id
   AND NOT EXISTS (
         SELECT
           FROM said_related AS related
           JOIN datawarehouse.titles AS named ON named.name = related.name
          WHERE related.title = said.name
            AND named.id = r.related_title_id
       );

INSERT INTO datawarehouse.related_titles (job_title_id, related_title_id, rank)
SELECT t.id, related.id, said.rank
  FROM said_related AS said
  JOIN datawarehouse.titles AS t ON t.name = said.title
  JOIN datawarehouse.titles AS related ON related.name = said.name
 WHERE NOT EXISTS (
         SELECT
           FROM datawarehouse.related_titles AS r
          WHERE r.job_title_id = t.id
            AND r.related_title_id = related.id
            AND r.rank = said.rank
       )
    ON CONFLICT (job_title_id, related_title_id) DO UPDATE
   SET rank = excluded.rank;
