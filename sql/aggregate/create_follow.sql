-- The trigger function of the table. It runs as the table's owner and appends the differences that a statement makes. It runs no
-- code of the owner (casts, checks of domains, operators), because a value is stored only if its type is exactly that of the
-- storage. It never makes the application's statement fail: any error marks the aggregate as stale, and the next run repairs it.
CREATE OR REPLACE FUNCTION {follow}()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET row_security = off
SET jit = off
AS $dasy$
DECLARE
  followed   record;
  kept       record;
  moment     bigint;
  appended   bigint;
  committed  boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
  failure    text;
  same_type  boolean;
BEGIN
  -- The storage was dropped or moved, or its privileges were revoked: nothing can be appended or marked.
  IF NOT coalesce(has_schema_privilege(to_regnamespace('dasy')::oid, 'USAGE'), false)
     OR NOT coalesce(has_table_privilege(to_regclass({storage_name})::oid, 'SELECT'), false)
     OR NOT coalesce(has_table_privilege(to_regclass({marks_name})::oid, 'SELECT'), false)
     OR NOT coalesce(has_sequence_privilege(to_regclass({epochs_name})::oid, 'SELECT'), false) THEN
    IF TG_WHEN = 'BEFORE' THEN
      RAISE WARNING 'dasy: an aggregate of % no longer counts changes: its tables in the schema dasy are missing', TG_RELID::regclass
        USING HINT = 'The next load into the table recreates it, or "dasy aggregate".';
    END IF;
    RETURN NULL;
  END IF;

  -- The current name of the column, and whether its type is that of the storage. Under REPEATABLE READ the snapshot may be older
  -- than a rename of the column or than the aggregate. Then the catalog's tables are not read; functions answer from the
  -- current catalog.
  IF committed THEN
    SELECT a.attname AS column,
           CASE y.typtype WHEN 'd' THEN dasy.base_type(y.oid) ELSE y.oid END = v.atttypid
           AND a.attcollation = v.attcollation
           AND r.relnatts = 4
           AND r.relkind = 'r'
           AND r.relchecks = 0
           AND NOT (r.relhastriggers OR r.relhasrules OR r.relrowsecurity)
           AND has_table_privilege(r.oid, 'INSERT') AS fits
      INTO followed
      FROM pg_statistic_ext AS x
      JOIN pg_depend AS d
        ON d.classid = 'pg_statistic_ext'::regclass
       AND d.objid = x.oid
       AND d.refclassid = 'pg_class'::regclass
       AND d.refobjid = TG_RELID
       AND d.refobjsubid > 0
      JOIN pg_attribute AS a ON a.attrelid = TG_RELID AND a.attnum = d.refobjsubid
      JOIN pg_type AS y ON y.oid = a.atttypid
      JOIN pg_attribute AS v ON v.attrelid = to_regclass({storage_name}) AND v.attnum = 1
      JOIN pg_class AS r ON r.oid = v.attrelid
     WHERE x.stxname = {column_name}
       AND x.stxnamespace = 'dasy'::regnamespace;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  ELSE
    BEGIN
      SELECT (parse_ident(substring(e.expression FROM '^\(?(.*) IS NULL\)?$')))[1] AS column, false AS fits
        INTO followed
        FROM pg_get_object_address('statistics object', ARRAY['dasy', {column_name}], ARRAY[]::text[]) AS o
       CROSS JOIN unnest(pg_get_statisticsobjdef_expressions(o.objid)) AS e (expression);
      EXECUTE format(
        'SELECT dasy.base_type(pg_typeof((SELECT %I FROM %s LIMIT 0))) = pg_typeof((SELECT value FROM {storage} LIMIT 0))',
        followed.column, TG_RELID::regclass) INTO same_type;
      followed.fits := coalesce(same_type, false) AND has_table_privilege(to_regclass({storage_name})::oid, 'INSERT');
    EXCEPTION
      WHEN undefined_object THEN
        RETURN NULL;
      WHEN OTHERS THEN
        NULL; -- fits stays false
    END;
  END IF;

  SELECT coalesce(bool_or(m.xid = 0), false) AS stale,
         coalesce(
           bool_and(m.xmin::text::bigint = m.xid)
           AND (array_agg(m.filenode ORDER BY m.epoch DESC))[1] = pg_relation_filenode(TG_RELID)::bigint, false) AS sound,
         coalesce(max(m.epoch), 0) AS epoch
    INTO kept
    FROM {marks} AS m;
  IF kept.stale THEN
    RETURN NULL;
  END IF;

  IF TG_OP = 'TRUNCATE' THEN
    -- TRUNCATE has the table to itself, so all appended rows, visible or not, have a lower epoch. (An older snapshot does not see
    -- all of them, and a DELETE would conflict with other deletes.)
    moment := greatest(nextval({epochs_name}), kept.epoch + 1);
    PERFORM dasy.confirm({id}, TG_RELID, moment);
    IF committed THEN
      DELETE FROM {storage} AS g WHERE g.epoch < moment;
      DELETE FROM {marks} AS m WHERE m.epoch < moment;
    END IF;
    RETURN NULL;
  END IF;

  IF TG_WHEN = 'BEFORE' THEN
    IF kept.sound AND followed.fits THEN
      RETURN NULL;
    END IF;
    BEGIN
      IF NOT followed.fits THEN
        RAISE 'the column has another type now, or the storage was changed';
      END IF;
      -- The storage was restored, or the table was rewritten: recount before this statement writes. Until the recount is
      -- committed, only one session writes at a time. Sessions with an older snapshot, which do not see all rows, do not
      -- recount; they write at the same time as each other.
      IF NOT committed THEN
        PERFORM pg_advisory_xact_lock_shared({lock_class}, {id});
        RETURN NULL;
      END IF;
      PERFORM pg_advisory_xact_lock({lock_class}, {id});
      SELECT coalesce(
               bool_and(m.xmin::text::bigint = m.xid)
               AND (array_agg(m.filenode ORDER BY m.epoch DESC))[1] = pg_relation_filenode(TG_RELID)::bigint, false)
             AS sound
        INTO kept.sound
        FROM {marks} AS m;
      IF kept.sound THEN
        RETURN NULL;
      END IF;
      -- Later than any epoch restored from another database.
      moment := setval(
        {epochs_name},
        greatest(nextval({epochs_name}), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint));
      DELETE FROM {storage};
      DELETE FROM {marks};
      PERFORM dasy.confirm({id}, TG_RELID, moment);
      EXECUTE format(
        'INSERT INTO {storage} (value, change, level, epoch) '
        'SELECT %1$I, count(*), CASE WHEN %1$I IS NOT DISTINCT FROM NULL THEN -1 ELSE 9 END, $1 FROM %2$s GROUP BY %1$I',
        followed.column, TG_RELID::regclass) USING moment;
    EXCEPTION
      WHEN query_canceled OR assert_failure OR OTHERS THEN
        failure := SQLERRM;
    END;
    IF failure IS NOT NULL THEN
      INSERT INTO {marks} (xid, epoch, filenode) VALUES (0, kept.epoch, 0);
      RAISE WARNING 'dasy: the aggregate of column "%" of % no longer counts changes: %',
        followed.column, TG_RELID::regclass, failure
        USING HINT = 'The next load into the table recounts it, or "dasy aggregate".';
    END IF;
    RETURN NULL;
  END IF;

  -- Another trigger may have changed the storage within the statement.
  IF NOT followed.fits THEN
    RETURN NULL;
  END IF;
  SELECT greatest(e.last_value, kept.epoch) INTO moment FROM {epochs} AS e;
  -- Many rows at once go to a higher level. Those of NULL, which the hash index does not find, stay in a small level.
  EXECUTE format(
    'INSERT INTO {storage} (value, change, level, epoch) '
    'SELECT value, change,'
    '       CASE'
    '         WHEN value IS NOT DISTINCT FROM NULL OR n <= 32 THEN 0 WHEN n <= 1024 THEN 1 WHEN n <= 32768 THEN 2 ELSE 3'
    '       END, $1'
    '  FROM (SELECT value, sum(change) AS change, count(*) OVER () AS n'
    '          FROM (%s) AS changes (value, change)'
    '         GROUP BY value HAVING sum(change) <> 0) AS grouped',
    format(
      CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT %1$I, 1 FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT %1$I, -1 FROM old_rows'
        ELSE 'SELECT %1$I, 1 FROM new_rows UNION ALL SELECT %1$I, -1 FROM old_rows'
      END, followed.column)) USING moment;
  GET DIAGNOSTICS appended = ROW_COUNT;
  IF appended = 0 OR NOT committed OR NOT kept.sound THEN
    RETURN NULL;
  END IF;

  -- Folds the rows of a level into fewer rows of the next one, at random intervals, so that no counter is needed. One session
  -- folds at a time, and none waits. (gen_random_uuid(), because random() would disturb an application's setseed().)
  FOR from_level IN CASE WHEN appended <= 32 THEN 0 WHEN appended <= 1024 THEN 1 WHEN appended <= 32768 THEN 2 ELSE 3 END..3 LOOP
    CONTINUE WHEN ('x' || left(gen_random_uuid()::text, 8))::bit(32)::bigint::numeric * dasy.fold_after(from_level)
                  >= appended * 4294967296::numeric;
    EXIT WHEN NOT pg_try_advisory_xact_lock({lock_class}, {id});
    WITH gone AS (
      DELETE FROM {storage} AS g
       WHERE g.level = from_level
         AND g.level < 9
      RETURNING g.value, g.change, g.epoch
    )
    INSERT INTO {storage} (value, change, level, epoch)
    SELECT gone.value,
           sum(gone.change),
           CASE WHEN gone.value IS NOT DISTINCT FROM NULL THEN least(from_level + 1, 1) ELSE least(from_level + 1, 3) END,
           moment
      FROM gone
     WHERE gone.epoch >= kept.epoch
     GROUP BY gone.value
    HAVING sum(gone.change) <> 0;
  END LOOP;
  RETURN NULL;
END
$dasy$;
