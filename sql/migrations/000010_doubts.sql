-- What the detection of a file's dialect was not sure of: an array of lines, each of which names the flag that decides.
ALTER TABLE dasy.runs ADD COLUMN doubts jsonb NOT NULL DEFAULT '[]';

-- What a text can be without being another when it is written again, as bits: 1 boolean, 2 integer, 4 bigint, 8 numeric,
-- 16 date, 32 timestamp, 64 timestamptz, 128 uuid. A leading zero or plus sign is text, and of dates and times only what
-- ISO 8601 says is one; but not 24:00 and the second 60, which PostgreSQL takes for the moment behind them. (Not STRICT,
-- so that it is put into the query in which it stands.)
CREATE OR REPLACE FUNCTION dasy.kinds(content text)
RETURNS integer
LANGUAGE sql
IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
           WHEN content IS NULL THEN NULL
           WHEN length(content) > 100 THEN 0
           -- Cheap looks first: a regular expression costs ten times as much.
           WHEN content LIKE '____-__-__' THEN
             CASE WHEN content ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN 16 | 32 ELSE 0 END
           WHEN content LIKE '____-__-__%' THEN
             CASE
               WHEN content !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?$' THEN 0
               WHEN content LIKE '%Z' OR content LIKE '%+%' OR substr(content, 11) LIKE '%-%' THEN 64
               ELSE 32
             END
           WHEN content IN ('true', 'false', 'TRUE', 'FALSE', 'True', 'False') THEN 1
           WHEN content ~ '^(0|-?[1-9][0-9]*)$' THEN
             CASE
               WHEN length(content) <= 9 OR content::numeric BETWEEN -2147483648 AND 2147483647 THEN 2 | 4 | 8
               WHEN content::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN 4 | 8
               ELSE 8
             END
           -- Minus nothing would lose its sign.
           WHEN content ~ '^(?!-[0.]+$)-?(0|[1-9][0-9]*)\.[0-9]+$' THEN 8
           WHEN length(content) = 36
            AND content ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' THEN 128
           ELSE 0
         END
$$;
