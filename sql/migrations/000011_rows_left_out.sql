-- Rows that a table leaves out by itself are found like those that it refuses.

DROP FUNCTION dasy.write_carefully(regclass, regclass, text, text, text[], integer);
DROP FUNCTION dasy.write_rows(regclass, text, text, bigint[]);

-- Writes rows, told by their positions in $1 of the statements, in a block of their own; where it fails, by halves. One
-- that cannot be written is told with the fault. final: that no other row can mend it. missing: counts those that are not
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
  lacking     bigint := 0;
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
      EXECUTE missing INTO lacking USING positions;
    END IF;
    IF written <> cardinality(positions) OR lacking > 0 THEN
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
