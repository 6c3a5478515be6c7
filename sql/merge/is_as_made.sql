-- Whether an empty table ($1) and its aggregate ($2) are exactly as dasy made them, and everything that it makes anew would
-- be the same. Whoever changes or attaches something writes to the catalog in another transaction. So all rows of the catalog
-- that describe these objects, and all that depends on them, must be of the transaction that made them.
WITH RECURSIVE made (xid) AS (
  SELECT xmin FROM dasy.tables WHERE relation = $1::integer::oid
),
aggregate AS (
  SELECT g.xmin AS xid,
         g.relation AS view,
         ARRAY[format('groups_%s', g.aggregate), format('marks_%s', g.aggregate), format('epochs_%s', g.aggregate)]
         AS relations,
         ARRAY[format('follow_%s', g.aggregate), format('amend_%s', g.aggregate)] AS functions
    FROM dasy.aggregates AS g
   WHERE g.aggregate = $2
     AND NOT EXISTS (
           SELECT
             FROM dasy.aggregates AS other
            WHERE other.target = $1::integer::oid
              AND other.aggregate <> $2)
),
root (class, object) AS (
  SELECT 'pg_class'::regclass::oid, $1::integer::oid
   UNION ALL
  SELECT 'pg_class'::regclass, view FROM aggregate
   UNION ALL
  SELECT 'pg_class'::regclass, c.oid
    FROM aggregate AS g
    JOIN pg_class AS c ON c.relname = ANY (g.relations) AND c.relnamespace = 'dasy'::regnamespace
   UNION ALL
  SELECT 'pg_proc'::regclass, f.oid
    FROM aggregate AS g
    JOIN pg_proc AS f ON f.proname = ANY (g.functions) AND f.pronamespace = 'dasy'::regnamespace
),
part (class, object) AS (
  SELECT class, object FROM root
   UNION
  SELECT d.classid, d.objid
    FROM part AS p
    JOIN pg_depend AS d ON d.refclassid = p.class AND d.refobjid = p.object
),
written (xid) AS (
  SELECT xid FROM aggregate
   UNION
  SELECT d.xmin FROM part AS p JOIN pg_depend AS d ON d.refclassid = p.class AND d.refobjid = p.object
   UNION
  SELECT d.xmin FROM part AS p JOIN pg_depend AS d ON d.classid = p.class AND d.objid = p.object
   UNION
  SELECT c.xmin FROM part AS p JOIN pg_class AS c ON p.class = 'pg_class'::regclass AND c.oid = p.object
   UNION
  SELECT a.xmin FROM part AS p JOIN pg_attribute AS a ON p.class = 'pg_class'::regclass AND a.attrelid = p.object
   UNION
  SELECT i.xmin FROM part AS p JOIN pg_index AS i ON p.class = 'pg_class'::regclass AND i.indexrelid = p.object
   UNION
  SELECT s.xmin FROM part AS p JOIN pg_sequence AS s ON p.class = 'pg_class'::regclass AND s.seqrelid = p.object
   UNION
  SELECT y.xmin FROM part AS p JOIN pg_type AS y ON p.class = 'pg_type'::regclass AND y.oid = p.object
   UNION
  SELECT k.xmin FROM part AS p JOIN pg_constraint AS k ON p.class = 'pg_constraint'::regclass AND k.oid = p.object
   UNION
  SELECT g.xmin FROM part AS p JOIN pg_trigger AS g ON p.class = 'pg_trigger'::regclass AND g.oid = p.object
   UNION
  SELECT r.xmin FROM part AS p JOIN pg_rewrite AS r ON p.class = 'pg_rewrite'::regclass AND r.oid = p.object
   UNION
  SELECT f.xmin FROM part AS p JOIN pg_proc AS f ON p.class = 'pg_proc'::regclass AND f.oid = p.object
   UNION
  SELECT x.xmin FROM part AS p JOIN pg_statistic_ext AS x ON p.class = 'pg_statistic_ext'::regclass AND x.oid = p.object
)
SELECT
  FROM made
  JOIN dasy.tables AS t ON t.relation = $1::integer::oid
  JOIN pg_class AS c ON c.oid = t.relation
  JOIN pg_roles AS r ON r.oid = c.relowner AND r.rolname = current_user
 WHERE EXISTS (SELECT FROM aggregate)
   AND NOT EXISTS (SELECT FROM written WHERE xid <> made.xid)
   -- Nor was all of it restored by one transaction.
   AND (SELECT bool_and(m.xmin = made.xid AND m.xmin::text::bigint = m.xid) FROM {marks} AS m)
   -- It was not a load that made the table: its SQL files may have attached something in the same transaction.
   AND NOT EXISTS (SELECT FROM dasy.runs AS n WHERE t.made_at BETWEEN n.started_at AND n.ended_at)
   -- This role may make it anew, and nothing would give the new table what the old one has not.
   AND has_schema_privilege(c.relnamespace, 'CREATE')
   AND has_table_privilege('dasy.tables', 'DELETE')
   AND NOT EXISTS (SELECT FROM pg_default_acl WHERE defaclrole = c.relowner)
   AND NOT EXISTS (SELECT FROM pg_event_trigger)
   -- What is attached by the number of the table, without a dependency.
   AND NOT EXISTS (SELECT FROM part AS p JOIN pg_description AS d ON d.classoid = p.class AND d.objoid = p.object)
   AND NOT EXISTS (SELECT FROM part AS p JOIN pg_seclabel AS s ON s.classoid = p.class AND s.objoid = p.object)
   AND NOT EXISTS (
         SELECT FROM part AS p JOIN pg_class AS o ON p.class = 'pg_class'::regclass AND o.oid = p.object WHERE o.relacl IS NOT NULL)
   AND NOT EXISTS (
         SELECT
           FROM part AS p
           JOIN pg_attribute AS a ON p.class = 'pg_class'::regclass AND a.attrelid = p.object
          WHERE a.attacl IS NOT NULL)
   AND NOT EXISTS (SELECT FROM pg_publication)
   AND NOT EXISTS (SELECT FROM pg_subscription_rel AS s WHERE s.srrelid = c.oid)
   -- A table of the user's may store that number.
   AND NOT EXISTS (
         SELECT
           FROM pg_attribute AS a
           JOIN pg_class AS o ON o.oid = a.attrelid
           JOIN pg_namespace AS n ON n.oid = o.relnamespace
          WHERE a.atttypid IN ('oid'::regtype, 'oid[]'::regtype, 'regclass'::regtype, 'regclass[]'::regtype,
                               'regtype'::regtype, 'regtype[]'::regtype)
            AND a.attnum > 0
            AND NOT a.attisdropped
            AND o.relkind IN ('r', 'p', 'm')
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'dasy', 'dasy_queue'))
