-- The rows of a first load that can be told: those that its transaction wrote and nobody since, and those of which later runs
-- have replaced the version that it wrote ("first"), if only such runs have written them ("unbroken") and they are as they were
-- inserted. Those that are gone need nothing.
CREATE UNLOGGED TABLE {inverse} AS
WITH ordered AS (
  SELECT l.*,
         row_number() OVER by_run AS number,
         lag(l.xid) OVER by_run AS before,
         lag(l.op) OVER by_run AS op_before
    FROM {later} AS l
  WINDOW by_run AS (PARTITION BY l.hash, l.key ORDER BY l.run)
),
touched AS (
  SELECT hash,
         key,
         (array_agg(was ORDER BY run))[1] AS first,
         (array_agg(op ORDER BY run DESC))[1] AS last_op,
         (array_agg(xid ORDER BY run DESC))[1] AS last_xid,
         bool_and(CASE WHEN number = 1 THEN true WHEN op = 'i' THEN op_before = 'd' ELSE was = before END) AS unbroken,
         {initial}
    FROM ordered
   GROUP BY hash, key
)
SELECT NULL::bigint AS position,
       t.ctid AS place,
       'd'::"char" AS op,
       NULL::text AS conflict,
       {key} AS key
  FROM {target} AS t
 WHERE t.xmin::text = {xid}
 UNION ALL
SELECT NULL,
       t.ctid,
       'd',
       CASE WHEN c.unbroken AND t.xmin::text::bigint = c.last_xid AND {as_inserted} THEN NULL ELSE 'differs' END,
       c.key
  FROM touched AS c
  JOIN {target} AS t ON {same_key}
 WHERE c.first::text = {xid}
   AND c.last_op <> 'd'
   AND t.xmin::text <> {xid}
