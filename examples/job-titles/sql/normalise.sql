-- Normalises the wide records of the file. "staged" contains one record per title. Titles that are not in this file do
-- not change. Only new and changed rows are written, so loading the same file again writes nothing, and a title always
-- keeps its id.

CREATE TEMPORARY TABLE file_title ON COMMIT DROP AS
SELECT DISTINCT ON (btrim(title))
       btrim(title) AS name,
       nullif(btrim("pdl count"), '')::bigint AS pdl_count,
       dasy_position AS place
  FROM staged
 ORDER BY btrim(title), dasy_position DESC; -- titles that differ only by blanks are equal: the last record wins

CREATE TEMPORARY TABLE file_related ON COMMIT DROP AS
SELECT t.name AS title,
       btrim(cell.value) AS name,
       min(cell.rank) AS rank,
       t.place
  FROM file_title AS t
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
 WHERE btrim(cell.value) <> '' -- also excludes NULL
 GROUP BY t.name, t.place, btrim(cell.value);

ANALYZE file_title;
ANALYZE file_related;

-- New titles get ids in the order of the file, so the same files always give the same ids.
INSERT INTO datawarehouse.titles (name)
SELECT file.name
  FROM (
         SELECT name, place, 0 AS rank FROM file_title
          UNION ALL
         SELECT name, place, rank FROM file_related
       ) AS file
 WHERE NOT EXISTS (SELECT FROM datawarehouse.titles AS t WHERE t.name = file.name)
 GROUP BY file.name
 ORDER BY min(file.place), (array_agg(file.rank ORDER BY file.place, file.rank))[1];

INSERT INTO datawarehouse.job_titles (title_id, pdl_count, first_run)
SELECT t.id, file.pdl_count, current_setting('dasy.run')::bigint
  FROM file_title AS file
  JOIN datawarehouse.titles AS t ON t.name = file.name
 WHERE NOT EXISTS (
         SELECT
           FROM datawarehouse.job_titles AS j
          WHERE j.title_id = t.id
            AND j.pdl_count IS NOT DISTINCT FROM file.pdl_count
       )
    ON CONFLICT (title_id) DO UPDATE
   SET pdl_count = excluded.pdl_count;

-- Removes relations of the titles in this file that the file no longer names.
DELETE FROM datawarehouse.related_titles AS r
 USING file_title AS file
  JOIN datawarehouse.titles AS t ON t.name = file.name
 WHERE r.job_title_id = t.id
   AND NOT EXISTS (
         SELECT
           FROM file_related AS related
           JOIN datawarehouse.titles AS named ON named.name = related.name
          WHERE related.title = file.name
            AND named.id = r.related_title_id
       );

INSERT INTO datawarehouse.related_titles (job_title_id, related_title_id, rank)
SELECT t.id, related.id, file.rank
  FROM file_related AS file
  JOIN datawarehouse.titles AS t ON t.name = file.title
  JOIN datawarehouse.titles AS related ON related.name = file.name
 WHERE NOT EXISTS (
         SELECT
           FROM datawarehouse.related_titles AS r
          WHERE r.job_title_id = t.id
            AND r.related_title_id = related.id
            AND r.rank = file.rank
       )
    ON CONFLICT (job_title_id, related_title_id) DO UPDATE
   SET rank = excluded.rank;
