-- Aggregates: for each distinct value of a column, the number of rows that have it.
-- Tables and columns are known by oid and number, so that a renamed one is still the same.
CREATE TABLE dasy.aggregates (
  aggregate  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target     regclass NOT NULL,
  attribute  smallint NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('live', 'manual', 'view')),
  relation   regclass NOT NULL UNIQUE
);

-- What makes a value unique in an aggregate, as the column list of its index. A B-tree takes no entry over
-- about 2,700 bytes, so a long text is told apart by how it begins and by its digest. (replace(...)::bytea gives
-- the text's own bytes and is immutable, which convert_to() is not.)
CREATE FUNCTION dasy.index_columns(relation regclass)
RETURNS text
LANGUAGE sql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
           WHEN y.typcategory = 'S' THEN format(
             '(CASE WHEN octet_length(%1$I::text) > 2000 THEN left(%1$I::text, 500) ELSE %1$I::text END)'
             ' COLLATE "C",'
             ' (CASE WHEN octet_length(%1$I::text) > 2000'
             ' THEN sha256(replace(%1$I::text, ''\'', ''\\'')::bytea) END)', a.attname)
           ELSE format('%I', a.attname)
         END
    FROM pg_attribute AS a
    JOIN pg_type AS y ON y.oid = a.atttypid
   WHERE a.attrelid = relation
     AND a.attnum = 1
$$;

-- The statement that applies a difference to an aggregate; `changes` is the text of a query that gives
-- (value, change). It returns by how much the counts moved in all, and the rows that came to zero, which the
-- caller deletes. Every row is locked by the upsert, in one order for all: so statements that run at the same time
-- queue up behind each other and never wait in a circle.
CREATE FUNCTION dasy.difference_statement(relation regclass, changes text)
RETURNS text
LANGUAGE sql
STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(
    'WITH changes AS MATERIALIZED ('
    '  SELECT value, sum(change)::bigint AS change FROM (%4$s) AS changes (value, change)'
    '   GROUP BY value HAVING sum(change) <> 0), '
    'applied AS ('
    '  INSERT INTO %1$s AS kept (%2$I, %3$I)'
    '  SELECT value, change FROM changes ORDER BY value %5$s NULLS LAST'
    '  ON CONFLICT (%6$s) DO UPDATE SET %3$I = kept.%3$I + excluded.%3$I'
    '  RETURNING ctid AS place, %3$I AS count) '
    'SELECT (SELECT coalesce(sum(change), 0)::bigint FROM changes),'
    '       (SELECT array_agg(place) FROM applied WHERE count = 0)',
    relation, v.attname, c.attname, changes,
    CASE WHEN y.typcategory = 'S' THEN 'COLLATE "C"' ELSE '' END,
    dasy.index_columns(relation))
    FROM pg_attribute AS v
    JOIN pg_type AS y ON y.oid = v.atttypid
    JOIN pg_attribute AS c ON c.attrelid = v.attrelid AND c.attnum = 2
   WHERE v.attrelid = relation
     AND v.attnum = 1
$$;

-- Applies a difference: what a run does for itself instead of paying for the triggers. Returns by how much the
-- counts moved in all.
CREATE FUNCTION dasy.apply_difference(relation regclass, changes text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moved    bigint;
  emptied  tid[];
BEGIN
  EXECUTE dasy.difference_statement(relation, changes) INTO moved, emptied;
  IF emptied IS NOT NULL THEN
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY ($1)', relation) USING emptied;
  END IF;
  RETURN moved;
END
$$;

-- Before a statement: notes that it is going to insert, update or delete. One statement can do several of these
-- (INSERT ... ON CONFLICT DO UPDATE, MERGE, a WITH of several parts), and then fires several of the triggers below.
CREATE FUNCTION dasy.announce()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  setting    text := 'dasy.announced_' || TG_ARGV[0];
  statement  text := extract(epoch FROM statement_timestamp())::text;
  announced  text[] := string_to_array(current_setting(setting, true), ' ');
BEGIN
  IF announced[1] IS DISTINCT FROM statement THEN
    announced := ARRAY[statement];
  END IF;
  IF NOT TG_OP = ANY (announced) THEN
    PERFORM set_config(setting, array_to_string(announced || TG_OP, ' '), true);
  END IF;
  RETURN NULL;
END
$$;

-- The statement triggers of a live aggregate, whoever writes. SECURITY DEFINER, because who may write the
-- table need not be allowed to write its aggregate; for the same reason it serves registered tables only.
-- An aggregate that somebody has dropped by hand is no reason to refuse a write.
CREATE FUNCTION dasy.follow()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  agg      record;
  changes  text;
  moved    bigint;
  emptied  tid[];
  passes   integer;
BEGIN
  SELECT g.aggregate, g.relation, a.attname AS value
    INTO agg
    FROM dasy.aggregates AS g
    JOIN pg_class AS r ON r.oid = g.relation
    JOIN pg_attribute AS a ON a.attrelid = g.target AND a.attnum = g.attribute AND NOT a.attisdropped
   WHERE g.aggregate = TG_ARGV[0]::integer
     AND g.target = TG_RELID;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  -- DELETE, because TRUNCATE would wait for readers of the aggregate who may be waiting for this statement.
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format('DELETE FROM %s', agg.relation);
    RETURN NULL;
  END IF;

  -- A statement that applies several differences locks the aggregate's rows in several passes, each in order but
  -- not all of them together: it has the aggregate to itself. The others share it. (The key is "dasy" in ASCII,
  -- plus 3; see locks.ts.)
  passes := cardinality(string_to_array(current_setting('dasy.announced_' || agg.aggregate, true), ' ')) - 1;
  IF passes > 1 THEN
    PERFORM pg_advisory_xact_lock(1684108156, agg.aggregate);
  ELSE
    PERFORM pg_advisory_xact_lock_shared(1684108156, agg.aggregate);
  END IF;

  changes := CASE TG_OP
    WHEN 'INSERT' THEN format('SELECT %1$I, 1 FROM new_rows', agg.value)
    WHEN 'DELETE' THEN format('SELECT %1$I, -1 FROM old_rows', agg.value)
    ELSE format('SELECT %1$I, 1 FROM new_rows UNION ALL SELECT %1$I, -1 FROM old_rows', agg.value)
  END;
  -- Not dasy.apply_difference(): a function called from here does not see the transition tables.
  EXECUTE dasy.difference_statement(agg.relation, changes) INTO moved, emptied;
  IF emptied IS NOT NULL THEN
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY ($1)', agg.relation) USING emptied;
  END IF;
  RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION dasy.apply_difference(regclass, text), dasy.announce(), dasy.follow() FROM PUBLIC;
