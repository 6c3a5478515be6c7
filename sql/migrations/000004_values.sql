-- What judges values, and finds the rows that a table refuses.

-- The key of a record that has none, from all of its fields as one text: a UUID of version 8, which is for whatever an
-- application derives one from. STABLE as convert_to() is, so that it is put into the query in which it stands.
CREATE FUNCTION dasy.row_id(fields text)
RETURNS uuid
LANGUAGE sql
STABLE STRICT PARALLEL SAFE
AS $$
  SELECT overlay(
           overlay(left(encode(sha256(convert_to(fields, 'UTF8')), 'hex'), 32) PLACING '8' FROM 13 FOR 1)
           PLACING '8' FROM 17 FOR 1)::uuid
$$;

-- What a text can be without being another when it is written again, as bits: 1 boolean, 2 integer, 4 bigint, 8 numeric,
-- 16 date, 32 timestamp, 64 timestamptz, 128 uuid. A leading zero or plus sign is text, and of dates and times only what
-- ISO 8601 says is one; but not 24:00 and the second 60, which PostgreSQL takes for the moment behind them. (Not STRICT,
-- so that it is put into the query in which it stands.)
CREATE FUNCTION dasy.kinds(content text)
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

-- Why a record is rejected: PostgreSQL's own reason, with the columns and those values that it does not quote itself.
CREATE FUNCTION dasy.fault(columns text[], message text, contents text[])
RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT concat(
           (SELECT format(
                     'column%s %s: ',
                     CASE WHEN cardinality(columns) > 1 THEN 's' END,
                     string_agg(format('"%s"', name), ', ' ORDER BY place))
              FROM unnest(columns) WITH ORDINALITY AS named (name, place)
            HAVING count(*) > 0),
           message,
           (SELECT ': ' || string_agg(coalesce(format('"%s"', left(content, 100)), 'NULL'), ', ' ORDER BY place)
              FROM unnest(contents) WITH ORDINALITY AS contained (content, place)
             WHERE content IS NULL
                OR content = ''
                OR strpos(message, content) = 0))
$$;

-- What a classified record would have in some columns of the table; written: the columns as v1, v2 and so on stand for them.
CREATE FUNCTION dasy.written_values(classified regclass, failed bigint, columns text[], written text[])
RETURNS text[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  wanted    text;
  contents  text[];
BEGIN
  SELECT string_agg(format('v%s::text', array_position(written, name)), ', ' ORDER BY place)
    INTO wanted
    FROM unnest(columns) WITH ORDINALITY AS named (name, place)
   WHERE array_position(written, name) IS NOT NULL;
  IF wanted IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT ARRAY[%s] FROM %s WHERE position = $1', wanted, classified) INTO contents USING failed;
  RETURN contents;
END
$$;

-- Writes rows, told by their positions in $1 of the statements, in a block of their own; where it fails, by halves. One
-- that cannot be written is told with the fault. final: that no other row can mend it. missing: lists those that are not
-- there once they are written, where a trigger or a rule may have left them out or put them elsewhere.
CREATE FUNCTION dasy.write_rows(
  target regclass, updates text, inserts text, missing text, left_out text, positions bigint[])
RETURNS TABLE (failed bigint, final boolean, columns text[], with_contents boolean, message text)
LANGUAGE plpgsql
AS $$
DECLARE
  half        integer := cardinality(positions) / 2;
  written     bigint := 0;
  step        bigint;
  lost        bigint[];
  state       text;
  detail      text;
  constrained text;
  single      text;
BEGIN
  BEGIN
    EXECUTE updates USING positions;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF inserts IS NOT NULL THEN
      EXECUTE inserts USING positions;
      GET DIAGNOSTICS step = ROW_COUNT;
      written := written + step;
    END IF;
    IF missing IS NOT NULL THEN
      EXECUTE missing INTO lost USING positions;
    END IF;
    IF written <> cardinality(positions) OR lost IS NOT NULL THEN
      RAISE EXCEPTION USING MESSAGE = left_out, ERRCODE = 'triggered_action_exception';
    END IF;
    RETURN;
  EXCEPTION
    WHEN integrity_constraint_violation OR data_exception OR raise_exception OR program_limit_exceeded
         OR triggered_action_exception THEN
    GET STACKED DIAGNOSTICS
      state = RETURNED_SQLSTATE,
      message = MESSAGE_TEXT,
      detail = PG_EXCEPTION_DETAIL,
      constrained = CONSTRAINT_NAME,
      single = COLUMN_NAME;
  END;
  -- The table keeps out rows of a block that can be named: the others are written without them.
  IF state = '09000' AND cardinality(lost) < cardinality(positions) THEN
    RETURN QUERY SELECT * FROM dasy.write_rows(
      target, updates, inserts, missing, left_out,
      ARRAY(SELECT place FROM unnest(positions) WITH ORDINALITY AS given (place, ordinal)
             WHERE place <> ALL (lost) ORDER BY ordinal));
    RETURN QUERY SELECT place, true, '{}'::text[], false, left_out FROM unnest(lost) AS each (place);
    RETURN;
  END IF;
  IF half > 0 THEN
    RETURN QUERY SELECT * FROM dasy.write_rows(
      target, updates, inserts, missing, left_out, positions[:half]);
    RETURN QUERY SELECT * FROM dasy.write_rows(
      target, updates, inserts, missing, left_out, positions[half + 1:]);
    RETURN;
  END IF;
  failed := positions[1];
  final := state ~ '^(22|54|09)' OR state IN ('23502', '23514');
  with_contents := state = '23514' AND constrained <> '';
  IF single <> '' THEN
    columns := ARRAY[single];
  ELSE
    SELECT coalesce(array_agg(a.attname::text ORDER BY key.place), '{}')
      INTO columns
      FROM pg_constraint AS c
     CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS key (attnum, place)
      JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = key.attnum
     WHERE c.conrelid = target
       AND c.conname = constrained;
  END IF;
  -- The detail would tell the whole row, with what a sequence gave it.
  IF detail <> '' AND state <> '23502' AND NOT with_contents THEN
    message := message || ': ' || detail;
  END IF;
  RETURN NEXT;
END
$$;

-- Writes what is classified in the order of the file, and tells the rows that cannot be written: $1 of the statements
-- are the positions of those to write. A row that fails for want of another one (a foreign key into the same table, a
-- unique value that is about to be given up) is tried again when the others are there, for as long as that helps.
-- most: of such rows, after which it gives up.
CREATE FUNCTION dasy.write_carefully(
  classified regclass, target regclass, updates text, inserts text, missing text, written text[],
  left_out text, most integer)
RETURNS TABLE (failed bigint, fault text)
LANGUAGE plpgsql
AS $$
DECLARE
  block    bigint[];
  pending  bigint[] := '{}';
  tried    bigint[];
  faults   text[];
  failure  record;
BEGIN
  FOR block IN EXECUTE format(
    'SELECT array_agg(position ORDER BY position)'
    '  FROM (SELECT position, (row_number() OVER (ORDER BY position) - 1) / 1000 AS block'
    '          FROM %s %s) AS numbered'
    ' GROUP BY block ORDER BY block',
    classified, CASE WHEN inserts IS NULL THEN 'WHERE place IS NOT NULL' ELSE '' END)
  LOOP
    FOR failure IN SELECT * FROM dasy.write_rows(target, updates, inserts, missing, left_out, block) LOOP
      IF failure.final THEN
        failed := failure.failed;
        fault := dasy.fault(
          failure.columns, failure.message,
          CASE WHEN failure.with_contents
               THEN dasy.written_values(classified, failure.failed, failure.columns, written) END);
        RETURN NEXT;
      ELSE
        pending := pending || failure.failed;
      END IF;
    END LOOP;
    EXIT WHEN cardinality(pending) >= most;
  END LOOP;

  LOOP
    EXIT WHEN cardinality(pending) = 0;
    tried := pending;
    pending := '{}';
    faults := '{}';
    FOR failure IN SELECT * FROM dasy.write_rows(target, updates, inserts, missing, left_out, tried) LOOP
      pending := pending || failure.failed;
      faults := faults || dasy.fault(failure.columns, failure.message, NULL);
    END LOOP;
    EXIT WHEN cardinality(pending) = cardinality(tried);
  END LOOP;
  RETURN QUERY SELECT * FROM unnest(pending, faults);
END
$$;
