-- Aggregates: for each distinct value of a column, the number of rows that have it. A live one appends differences, and
-- what is read adds them up.
--
-- Of live aggregate N there are, beside the view that people read:
--   dasy.groups_N  (value, change, level, epoch): appended differences, and the base of the last run
--   dasy.marks_N   since which epoch they count, and that nothing was restored or rewritten since
--   dasy.epochs_N  counts the table's truncations
--   dasy.column_N  an extended statistics object without statistics. PostgreSQL itself keeps it on its column, whatever
--                  that is renamed to, through dump and restore, and drops it with the column
--   dasy.follow_N(), dasy.amend_N()  what the triggers on the table and on the view do, as the table's owner

-- Tables are known by oid, so that a renamed one is still the same. column_name is for a table of somebody else, on which
-- we may make no statistics object. groups: how many the base has, which begins with base_epoch.
CREATE TABLE dasy.aggregates (
  aggregate    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target       regclass NOT NULL,
  column_name  text,
  kind         text NOT NULL CHECK (kind IN ('live', 'manual', 'view')),
  relation     regclass NOT NULL UNIQUE,
  groups       bigint,
  base_epoch   bigint
);

-- What a domain stands for, any other type as it is.
CREATE FUNCTION dasy.base_type(type oid)
RETURNS oid
LANGUAGE sql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE chain (oid, typtype, typbasetype) AS (
    SELECT y.oid, y.typtype, y.typbasetype
      FROM pg_type AS y
     WHERE y.oid = base_type.type
     UNION ALL
    SELECT y.oid, y.typtype, y.typbasetype
      FROM chain AS c
      JOIN pg_type AS y ON y.oid = c.typbasetype
     WHERE c.typtype = 'd'
  )
  SELECT oid FROM chain WHERE typtype <> 'd'
$$;

-- The default operator class of a type for an access method, as PostgreSQL finds it: how two values are compared by it,
-- and whether only superusers own the functions that it runs. `same` is NULL where an operator that is written down
-- could be taken for another one, by casts of somebody's: then only GROUP BY is sure.
CREATE FUNCTION dasy.equality(type oid, method name, OUT there boolean, OUT same text, OUT trusted boolean)
LANGUAGE sql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT true,
         CASE
           WHEN c.opcintype = y.oid THEN format('k.value OPERATOR(%I.%s) c.value', n.nspname, o.oprname)
           WHEN i.typtype = 'b' AND y.typnamespace = 'pg_catalog'::regnamespace THEN format(
             'k.value::%1$s OPERATOR(%2$I.%3$s) c.value::%1$s', format_type(i.oid, NULL), n.nspname, o.oprname)
         END,
         NOT EXISTS (
           SELECT
             FROM (SELECT amproc::oid AS oid FROM pg_amproc WHERE amprocfamily = c.opcfamily
                    UNION ALL
                   SELECT p.oprcode::oid
                     FROM pg_amop AS m
                     JOIN pg_operator AS p ON p.oid = m.amopopr
                    WHERE m.amopfamily = c.opcfamily) AS used
             JOIN pg_proc AS f ON f.oid = used.oid
             JOIN pg_roles AS r ON r.oid = f.proowner
            WHERE NOT r.rolsuper)
    FROM pg_type AS y
    JOIN pg_opclass AS c
      ON c.opcdefault
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
    JOIN pg_am AS h ON h.oid = c.opcmethod AND h.amname = method
    JOIN pg_type AS i ON i.oid = c.opcintype
    JOIN pg_amop AS m
      ON m.amopfamily = c.opcfamily
     AND m.amoplefttype = c.opcintype
     AND m.amoprighttype = c.opcintype
     AND m.amopstrategy = CASE method WHEN 'hash' THEN 1 ELSE 3 END
    JOIN pg_operator AS o ON o.oid = m.amopopr
    JOIN pg_namespace AS n ON n.oid = o.oprnamespace
   WHERE y.oid = equality.type
   ORDER BY c.opcintype = y.oid DESC, i.typispreferred DESC, c.oid
   LIMIT 1
$$;

-- What the values of a type are told apart by, looked at through domains, arrays, composite types and ranges: how the type
-- as a whole is compared, whether all parts have an equality, a hash, and are trusted.
CREATE FUNCTION dasy.distinction(
  type oid, OUT same text, OUT has_equality boolean, OUT has_hash boolean, OUT trusted boolean)
LANGUAGE sql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
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
  SELECT (SELECT CASE WHEN h.there THEN h.same ELSE b.same END
            FROM dasy.equality(dasy.base_type(distinction.type), 'hash') AS h
           CROSS JOIN dasy.equality(dasy.base_type(distinction.type), 'btree') AS b),
         bool_and(h.there IS NOT NULL OR b.there IS NOT NULL),
         bool_and(h.there IS NOT NULL),
         bool_and(coalesce(h.trusted, true) AND coalesce(b.trusted, true))
    FROM parts AS p
   CROSS JOIN dasy.equality(p.oid, 'hash') AS h
   CROSS JOIN dasy.equality(p.oid, 'btree') AS b
$$;

-- How many rows of a level are appended, on the average, before they are folded into fewer of the next.
CREATE FUNCTION dasy.fold_after(level integer)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT 1::bigint << (5 * (level + 1))
$$;

-- Notes that the groups count from an epoch on, in a row that knows the transaction and the file of the table of which
-- this is true: a restored one has another transaction, a rewritten table another file. Runs as whoever calls it.
CREATE FUNCTION dasy.confirm(aggregate integer, target oid, epoch bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('INSERT INTO dasy.marks_%s (xid, epoch, filenode) VALUES (1, $1, $2)', aggregate)
    USING epoch, pg_relation_filenode(target)::bigint;
  -- Not the number of the transaction as a whole: within a block that catches errors it is another one.
  EXECUTE format('UPDATE dasy.marks_%s SET xid = xmin::text::bigint WHERE epoch = $1 AND xid = 1', aggregate)
    USING epoch;
END
$$;

-- Adds up what the triggers have appended and what a run changes (the text of a query for value and change), once for
-- each value, so that the base is all there is. Returns by how much the run moved the counts. The caller has the table
-- to itself. Base rows that stay where they are change in place (HOT).
CREATE FUNCTION dasy.settle(of integer, changes text)
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
  SELECT d.same
    INTO same
    FROM pg_attribute AS a
   CROSS JOIN dasy.distinction(a.atttypid) AS d
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
