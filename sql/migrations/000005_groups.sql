-- How many groups each live aggregate has, so that a receipt can tell it without counting them: the sum of its
-- changes. Changes are only ever added, so that statements that run at once do not wait for each other; a run, which
-- has the table to itself, adds them up to one.
CREATE TABLE dasy.group_changes (
  aggregate  integer NOT NULL,
  change     bigint NOT NULL
);

CREATE INDEX ON dasy.group_changes (aggregate);

-- As before, and it also returns how many rows are new. (A row that ON CONFLICT has updated was locked for that, which
-- leaves a trace in xmax.)
CREATE OR REPLACE FUNCTION dasy.difference_statement(relation regclass, changes text)
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
    '  RETURNING ctid AS place, %3$I AS count, xmax = 0 AS appeared) '
    'SELECT (SELECT coalesce(sum(change), 0)::bigint FROM changes),'
    '       (SELECT array_agg(place) FROM applied WHERE count = 0),'
    '       (SELECT count(*) FROM applied WHERE appeared)',
    relation, v.attname, c.attname, changes,
    CASE WHEN y.typcategory = 'S' THEN 'COLLATE "C"' ELSE '' END,
    dasy.index_columns(relation))
    FROM pg_attribute AS v
    JOIN pg_type AS y ON y.oid = v.atttypid
    JOIN pg_attribute AS c ON c.attrelid = v.attrelid AND c.attnum = 2
   WHERE v.attrelid = relation
     AND v.attnum = 1
$$;

-- Removes the rows of an aggregate that came to zero, and notes how its number of groups has changed.
CREATE FUNCTION dasy.settle_groups(relation regclass, emptied tid[], appeared bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF emptied IS NOT NULL THEN
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY ($1)', relation) USING emptied;
  END IF;
  IF appeared <> coalesce(cardinality(emptied), 0) THEN
    INSERT INTO dasy.group_changes (aggregate, change)
    SELECT g.aggregate, appeared - coalesce(cardinality(emptied), 0)
      FROM dasy.aggregates AS g
     WHERE g.relation = settle_groups.relation
       AND g.kind = 'live';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION dasy.apply_difference(relation regclass, changes text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moved     bigint;
  emptied   tid[];
  appeared  bigint;
BEGIN
  EXECUTE dasy.difference_statement(relation, changes) INTO moved, emptied, appeared;
  PERFORM dasy.settle_groups(relation, emptied, appeared);
  RETURN moved;
END
$$;

-- The number of groups. The caller has the aggregate's table to itself.
CREATE FUNCTION dasy.count_groups(of integer)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM dasy.group_changes
     WHERE aggregate = of
    RETURNING change
  )
  INSERT INTO dasy.group_changes (aggregate, change)
  SELECT of, coalesce(sum(change), 0)
    FROM gone
  RETURNING change
$$;

CREATE OR REPLACE FUNCTION dasy.follow()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  agg       record;
  changes   text;
  moved     bigint;
  emptied   tid[];
  appeared  bigint;
  passes    integer;
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
    DELETE FROM dasy.group_changes WHERE aggregate = agg.aggregate;
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
  EXECUTE dasy.difference_statement(agg.relation, changes) INTO moved, emptied, appeared;
  PERFORM dasy.settle_groups(agg.relation, emptied, appeared);
  RETURN NULL;
END
$$;

-- What there is already. The lock keeps out statements that began with the functions as they were.
DO $$
DECLARE
  agg  record;
BEGIN
  FOR agg IN
    SELECT g.aggregate, g.target, g.relation
      FROM dasy.aggregates AS g
      JOIN pg_class AS t ON t.oid = g.target
      JOIN pg_class AS r ON r.oid = g.relation
     WHERE g.kind = 'live'
  LOOP
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', agg.target);
    EXECUTE format(
      'INSERT INTO dasy.group_changes (aggregate, change) SELECT %s, count(*) FROM %s', agg.aggregate, agg.relation);
  END LOOP;
END
$$;
