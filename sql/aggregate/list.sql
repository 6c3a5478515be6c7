-- All aggregates, with the current names. If the table, column or relation was dropped, it is NULL. An oid in the registry may
-- have been restored from another database, so the relation of a live aggregate must depend on its storage.
--
-- Look-ups of single rows in place of joins: they are planned in less time than one join of ten tables, and never hash the
-- whole catalog, whatever the planner expects of a registry that was never analyzed.
SELECT g.aggregate AS id,
       g.kind,
       t.oid::integer AS target_oid,
       t.schema AS target_schema,
       t.relname AS target_name,
       pg_get_userbyid(t.relowner) AS owner,
       t.relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user) AS "isOthers",
       a.attname AS column,
       format_type(a.base, -1) AS type,
       r.schema,
       r.relname AS name,
       (SELECT v.attname FROM pg_attribute AS v WHERE v.attrelid = r.oid AND v.attnum = 1) AS value_column,
       (SELECT v.attname FROM pg_attribute AS v WHERE v.attrelid = r.oid AND v.attnum = 2) AS count_column,
       (g.kind <> 'live' OR tracked.attribute IS NOT NULL)
       AND (SELECT v.atttypid = a.base AND v.attcollation = a.attcollation
              FROM pg_attribute AS v
             WHERE v.attrelid = CASE g.kind WHEN 'live' THEN s.oid ELSE r.oid END
               AND v.attnum = 1) AS fits
  FROM dasy.aggregates AS g
  LEFT JOIN LATERAL (
         SELECT c.oid, c.relname, c.relowner,
                (SELECT n.nspname FROM pg_namespace AS n WHERE n.oid = c.relnamespace) AS schema
           FROM pg_class AS c
          WHERE c.oid = g.target
          LIMIT 1) AS t ON true
  LEFT JOIN LATERAL (
         SELECT d.refobjsubid AS attribute
           FROM pg_statistic_ext AS x
           JOIN pg_depend AS d
             ON d.classid = 'pg_statistic_ext'::regclass
            AND d.objid = x.oid
            AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid = t.oid
            AND d.refobjsubid > 0
          WHERE x.stxrelid = t.oid
            AND x.stxname = format('column_%s', g.aggregate)::name
            AND x.stxnamespace = 'dasy'::regnamespace
          LIMIT 1) AS tracked ON true
  LEFT JOIN LATERAL (
         SELECT b.attname, b.attcollation,
                -- The function is called only for domains: each call of a function in SQL is planned anew.
                (SELECT CASE y.typtype WHEN 'd' THEN dasy.base_type(y.oid) ELSE y.oid END
                   FROM pg_type AS y
                  WHERE y.oid = b.atttypid) AS base
           FROM pg_attribute AS b
          WHERE b.attrelid = t.oid
            AND NOT b.attisdropped
            AND (b.attnum = tracked.attribute
                 OR (tracked.attribute IS NULL AND g.kind <> 'live' AND b.attname = g.column_name))
          LIMIT 1) AS a ON true
  LEFT JOIN LATERAL (
         SELECT c.oid
           FROM pg_class AS c
          WHERE c.relnamespace = 'dasy'::regnamespace
            AND c.relname = format('groups_%s', g.aggregate)::name
          LIMIT 1) AS s ON true
  LEFT JOIN LATERAL (
         SELECT c.oid, c.relname,
                (SELECT n.nspname FROM pg_namespace AS n WHERE n.oid = c.relnamespace) AS schema
           FROM pg_class AS c
          WHERE c.oid = g.relation
            AND c.relkind = CASE g.kind WHEN 'manual' THEN 'r' ELSE 'v' END
            AND (g.kind <> 'live'
                 OR EXISTS (
                      SELECT
                        FROM pg_rewrite AS w
                        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                       WHERE w.ev_class = c.oid
                         AND d.refclassid = 'pg_class'::regclass
                         AND d.refobjid = s.oid))
          LIMIT 1) AS r ON true
 ORDER BY g.aggregate
