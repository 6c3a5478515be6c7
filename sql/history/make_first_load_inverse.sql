-- The rows of a first load that can be told:
-- - those that its transactions wrote, and nobody since;
-- - those of which later runs have replaced the version that it wrote ("first"), if they are as they were inserted: if only runs
--   have written them since ("unbroken"), or if all values are known because a run has deleted them ("known").
-- Those that are gone need nothing. A row that somebody else has inserted after a run had deleted it is left alone. A run may
-- have written rows in subtransactions.
CREATE TABLE {inverse} AS
WITH writer AS (
  SELECT run,
         array_append(subxids, xid) AS xids
    FROM dasy.change_sets
   WHERE run IN (SELECT run FROM {later})
),
ordered AS (
  SELECT l.*,
         row_number() OVER by_run AS number,
         lag(l.run) OVER by_run AS run_before,
         lag(l.op) OVER by_run AS op_before,
         coalesce(bool_or(l.op = 'd') OVER (by_run ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS was_deleted
    FROM {later} AS l
  WINDOW by_run AS (PARTITION BY l.hash, l.key ORDER BY l.run)
),
linked AS (
  SELECT o.*,
         CASE WHEN number = 1 THEN true WHEN op = 'i' THEN op_before = 'd' ELSE was = ANY (b.xids) END AS linked
    FROM ordered AS o
    LEFT JOIN writer AS b ON b.run = o.run_before
),
touched AS (
  SELECT hash,
         key,
         (array_agg(was ORDER BY run))[1] AS first,
         (array_agg(op ORDER BY run DESC))[1] AS last_op,
         max(run) AS last_run,
         bool_and(linked) AS unbroken,
         bool_or(op = 'd') AND bool_and(linked OR was_deleted) AS known,
         {initial}
    FROM linked
   GROUP BY hash, key
)
SELECT NULL::bigint AS position,
       t.ctid AS place,
       t.tableoid AS found_in,
       'd'::"char" AS op,
       NULL::text AS conflict,
       NULL::text[] AS key,
       {values}
  FROM {target} AS t
 WHERE t.xmin::text = ANY ({xids})
 UNION ALL
SELECT NULL,
       t.ctid,
       t.tableoid,
       'd',
       CASE
         WHEN (c.known OR (c.unbroken AND t.xmin::text::bigint = ANY (w.xids))) AND {as_inserted} THEN NULL
         ELSE 'differs'
       END,
       c.key,
       {values}
  FROM touched AS c
  JOIN writer AS w ON w.run = c.last_run
  JOIN {target} AS t ON {same_key}
 WHERE c.first::text = ANY ({xids})
   AND t.xmin::text <> ALL ({xids})
   AND (c.last_op <> 'd' OR t.xmin::text::bigint = ANY ({first_loads}))
