-- What the triggers on the table do: they append what a statement changes, as the table's owner, and run no code of his
-- (casts, checks of domains, operators), because a value is stored as the very type that it has, or not at all. The
-- application is never stopped: whatever is not as it should be makes the aggregate stale, which the next run mends.
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
  -- Dropped, moved or locked away by somebody: there is nothing to append to, and nowhere to note it.
  IF NOT coalesce(has_schema_privilege(to_regnamespace('dasy')::oid, 'USAGE'), false)
     OR NOT coalesce(has_table_privilege(to_regclass({storage_name})::oid, 'SELECT'), false)
     OR NOT coalesce(has_table_privilege(to_regclass({marks_name})::oid, 'SELECT'), false)
     OR NOT coalesce(has_sequence_privilege(to_regclass({epochs_name})::oid, 'SELECT'), false) THEN
    IF TG_WHEN = 'BEFORE' THEN
      RAISE WARNING 'dasy: an aggregate of % does not follow any more: what it keeps in the schema dasy is gone', TG_RELID::regclass
        USING HINT = 'The next load into the table makes it anew, or "dasy aggregate".';
    END IF;
    RETURN NULL;
  END IF;

  -- The column, wherever and whatever it is now, and whether its values can be appended as they are. An older snapshot
  -- does not see a column that was renamed since, nor an aggregate that was made since. So nothing is read from the
  -- catalog's tables there, but asked of functions that know it as it is.
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
        NULL; -- It does not fit.
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
    -- Nobody else is at the table, so what was appended so far has a lower number, seen or not. (An older snapshot does
    -- not see all of it and must not delete what others have deleted.)
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
        RAISE 'its column is of another type now, or its storage was changed';
      END IF;
      -- Restored, or the table was rewritten: before anybody writes, all is counted anew. Until that is committed, one at
      -- a time writes; but those with snapshots of their own, which do not see all rows and count nothing, at once.
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
      -- Later than whatever comes from elsewhere.
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
      RAISE WARNING 'dasy: the aggregate of column "%" of % does not follow any more: %',
        followed.column, TG_RELID::regclass, failure
        USING HINT = 'The next load into the table counts it anew, or "dasy aggregate".';
    END IF;
    RETURN NULL;
  END IF;

  -- Where the aggregate became unfit within the statement.
  IF NOT followed.fits THEN
    RETURN NULL;
  END IF;
  SELECT greatest(e.last_value, kept.epoch) INTO moment FROM {epochs} AS e;
  -- Much at once goes to where much is; NULL, which no hash index finds, stays where little is.
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

  -- Now and then the rows of a level are folded into fewer of the next, by one session at a time; nobody waits for it.
  -- By chance, so that nobody has to count, and not by random(), which is the application's.
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
