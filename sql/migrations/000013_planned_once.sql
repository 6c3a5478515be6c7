-- Functions in SQL are planned anew in each call, those in PL/pgSQL once in a session: asking what the values of an aggregate are
-- told apart by took 25 ms of each load, most of it for plans. What these functions answer is as before (but that a default operator
-- class without an equality counts as none), and settle() asks for no more than it uses.
CREATE OR REPLACE FUNCTION dasy.base_type(type oid)
RETURNS oid
LANGUAGE plpgsql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  base  oid := type;
  known record;
BEGIN
  LOOP
    SELECT y.oid, y.typtype, y.typbasetype INTO known FROM pg_type AS y WHERE y.oid = base;
    IF known.typtype = 'd' THEN
      base := known.typbasetype;
    ELSE
      RETURN known.oid;
    END IF;
  END LOOP;
END
$$;

DROP FUNCTION dasy.equality(oid, name);
DROP FUNCTION dasy.distinction(oid);

-- The default operator class of a type for an access method, as PostgreSQL finds it: its family, NULL if there is none, and
-- how two values are compared by it. `same` is NULL where an operator that is written down could be taken for another one,
-- by casts of somebody's: then only GROUP BY is sure.
CREATE FUNCTION dasy.equality(type oid, method name, OUT family oid, OUT same text)
LANGUAGE plpgsql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  class record;
BEGIN
  SELECT c.opcfamily AS family,
         c.opcintype AS input,
         c.opcintype = y.oid AS is_own,
         i.typtype = 'b' AND y.typnamespace = 'pg_catalog'::regnamespace AS is_built_in
    INTO class
    FROM pg_type AS y
    JOIN pg_opclass AS c
      ON c.opcdefault
     AND c.opcmethod = (SELECT h.oid FROM pg_am AS h WHERE h.amname = equality.method)
     AND (c.opcintype = y.oid
          OR (y.typsubscript = 'array_subscript_handler'::regproc AND c.opcintype = 'anyarray'::regtype)
          OR (y.typtype = 'e' AND c.opcintype = 'anyenum'::regtype)
          OR (y.typtype = 'c' AND c.opcintype = 'record'::regtype)
          OR (y.typtype = 'r' AND c.opcintype = 'anyrange'::regtype)
          OR (y.typtype = 'm' AND c.opcintype = 'anymultirange'::regtype)
          OR EXISTS (
               SELECT
                 FROM pg_cast AS k
                WHERE k.castsource = y.oid
                  AND k.casttarget = c.opcintype
                  AND k.castmethod = 'b'
                  AND k.castcontext = 'i'))
    JOIN pg_type AS i ON i.oid = c.opcintype
   WHERE y.oid = equality.type
   ORDER BY c.opcintype = y.oid DESC, i.typispreferred DESC, c.oid
   LIMIT 1;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  SELECT class.family,
         CASE
           WHEN class.is_own THEN format('k.value OPERATOR(%I.%s) c.value', n.nspname, o.oprname)
           WHEN class.is_built_in THEN format(
             'k.value::%1$s OPERATOR(%2$I.%3$s) c.value::%1$s', format_type(class.input, NULL), n.nspname, o.oprname)
         END
    INTO family, same
    FROM pg_amop AS m
    JOIN pg_operator AS o ON o.oid = m.amopopr
    JOIN pg_namespace AS n ON n.oid = o.oprnamespace
   WHERE m.amopfamily = class.family
     AND m.amoplefttype = class.input
     AND m.amoprighttype = class.input
     AND m.amopstrategy = CASE equality.method WHEN 'hash' THEN 1 ELSE 3 END;
END
$$;

-- How two values of a type as a whole are compared, by its hash if it has one. NULL where only GROUP BY is sure.
CREATE FUNCTION dasy.same_values(type oid)
RETURNS text
LANGUAGE plpgsql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  base  oid := dasy.base_type(type);
  equal record;
BEGIN
  SELECT e.family, e.same INTO equal FROM dasy.equality(base, 'hash') AS e;
  IF equal.family IS NULL THEN
    SELECT e.family, e.same INTO equal FROM dasy.equality(base, 'btree') AS e;
  END IF;
  RETURN equal.same;
END
$$;

-- Whether only superusers own the functions that an operator family runs.
CREATE FUNCTION dasy.is_trusted(family oid)
RETURNS boolean
LANGUAGE plpgsql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN NOT EXISTS (
    SELECT
      FROM (SELECT p.amproc::oid AS oid FROM pg_amproc AS p WHERE p.amprocfamily = is_trusted.family
             UNION ALL
            SELECT o.oprcode::oid
              FROM pg_amop AS m
              JOIN pg_operator AS o ON o.oid = m.amopopr
             WHERE m.amopfamily = is_trusted.family) AS used
      JOIN pg_proc AS f ON f.oid = used.oid
      JOIN pg_roles AS r ON r.oid = f.proowner
     WHERE NOT r.rolsuper);
END
$$;

-- What the values of a type are told apart by, looked at through domains, arrays, composite types and ranges: whether all parts
-- have an equality, a hash, and are trusted.
CREATE FUNCTION dasy.distinction(type oid, OUT has_equality boolean, OUT has_hash boolean, OUT trusted boolean)
LANGUAGE plpgsql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  WITH RECURSIVE parts (oid) AS (
    SELECT dasy.base_type(distinction.type)
     UNION
    SELECT dasy.base_type(inner_type.oid)
      FROM parts AS p
      JOIN pg_type AS y ON y.oid = p.oid
     CROSS JOIN LATERAL (
             SELECT y.typelem AS oid WHERE y.typsubscript = 'array_subscript_handler'::regproc
              UNION ALL
             SELECT a.atttypid
               FROM pg_attribute AS a
              WHERE y.typtype = 'c' AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL
             SELECT r.rngsubtype FROM pg_range AS r WHERE r.rngtypid = y.oid OR r.rngmultitypid = y.oid) AS inner_type
  )
  SELECT bool_and(h.family IS NOT NULL OR b.family IS NOT NULL),
         bool_and(h.family IS NOT NULL),
         bool_and(coalesce(dasy.is_trusted(h.family), true) AND coalesce(dasy.is_trusted(b.family), true))
    INTO has_equality, has_hash, trusted
    FROM parts AS p
   CROSS JOIN dasy.equality(p.oid, 'hash') AS h
   CROSS JOIN dasy.equality(p.oid, 'btree') AS b;
END
$$;

CREATE OR REPLACE FUNCTION dasy.settle(of integer, changes text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  storage    text := format('dasy.groups_%s', of);
  start      bigint;
  same       text;
  kept       record;
  settled    record;
BEGIN
  EXECUTE format('SELECT max(epoch) FROM dasy.marks_%s', of) INTO start;
  SELECT g.groups, g.base_epoch INTO kept FROM dasy.aggregates AS g WHERE g.aggregate = of;
  SELECT dasy.same_values(a.atttypid)
    INTO same
    FROM pg_attribute AS a
   WHERE a.attrelid = storage::regclass
     AND a.attnum = 1;

  -- Truncated or counted anew since the last run, or nothing but GROUP BY can compare the values: all of it.
  IF kept.base_epoch IS DISTINCT FROM start OR same IS NULL THEN
    EXECUTE format(
      'WITH gone AS ('
      '  DELETE FROM %1$s RETURNING value, change, epoch), '
      'summed AS MATERIALIZED ('
      '  SELECT value, sum(change)::bigint AS change, sum(change) FILTER (WHERE own) AS own'
      '    FROM (SELECT value, change, false FROM gone WHERE epoch >= $1'
      '           UNION ALL'
      '          SELECT value, change, true FROM (%2$s) AS changes (value, change)) AS differences (value, change, own)'
      '   GROUP BY value), '
      'inserted AS ('
      '  INSERT INTO %1$s (value, change, level, epoch)'
      '  SELECT value, change, CASE WHEN value IS NOT DISTINCT FROM NULL THEN -1 ELSE 9 END, $1'
      '    FROM summed WHERE change <> 0'
      '  RETURNING level) '
      'SELECT coalesce((SELECT sum(own) FROM summed), 0)::bigint AS moved,'
      '       (SELECT count(*) FROM inserted) AS groups',
      storage, changes) INTO settled USING start;
    EXECUTE format('DELETE FROM dasy.marks_%s WHERE epoch < $1', of) USING start;
    UPDATE dasy.aggregates AS g
       SET groups = settled.groups,
           base_epoch = start
     WHERE g.aggregate = of
       AND (g.groups, g.base_epoch) IS DISTINCT FROM (settled.groups, start);
    RETURN settled.moved;
  END IF;

  EXECUTE format(
    'WITH gone AS ('
    '  DELETE FROM %1$s WHERE level < 9 RETURNING value, change, level), '
    'changes AS MATERIALIZED ('
    '  SELECT value, sum(change)::bigint AS change, sum(change) FILTER (WHERE own) AS own,'
    '         row_number() OVER () AS number'
    '    FROM (SELECT value, change, false FROM gone'
    '           UNION ALL'
    '          SELECT value, change, true FROM (%2$s) AS changes (value, change)) AS differences (value, change, own)'
    '   GROUP BY value), '
    'updated AS ('
    '  UPDATE %1$s AS k SET change = k.change + c.change'
    '    FROM changes AS c'
    '   WHERE k.level = 9 AND %3$s AND c.change <> 0'
    '  RETURNING c.number, k.ctid AS place, k.change), '
    'inserted AS ('
    '  INSERT INTO %1$s (value, change, level, epoch)'
    '  SELECT value, change, CASE WHEN value IS NOT DISTINCT FROM NULL THEN -1 ELSE 9 END, $1'
    '    FROM changes AS c'
    '   WHERE change <> 0 AND NOT EXISTS (SELECT FROM updated AS u WHERE u.number = c.number)'
    '  RETURNING level) '
    'SELECT coalesce((SELECT sum(own) FROM changes), 0)::bigint AS moved,'
    '       (SELECT array_agg(place) FROM updated WHERE change = 0) AS emptied,'
    '       (SELECT count(*) FROM inserted) - (SELECT count(*) FROM gone WHERE level = -1) AS appeared',
    storage, changes, same) INTO settled USING start;
  IF settled.emptied IS NOT NULL THEN
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY ($1)', storage) USING settled.emptied;
  END IF;
  UPDATE dasy.aggregates AS g
     SET groups = g.groups + settled.appeared - coalesce(cardinality(settled.emptied), 0)
   WHERE g.aggregate = of
     AND settled.appeared <> coalesce(cardinality(settled.emptied), 0);
  RETURN settled.moved;
END
$$;
