-- All aggregates, with the current names. If the table, column or relation was dropped, it is NULL. An oid in the registry may
-- have been restored from another database, so the relation of a live aggregate must depend on its storage.
SELECT g.aggregate AS id,
       g.kind,
       t.oid::integer AS target_oid,
       tn.nspname AS target_schema,
       t.relname AS target_name,
       pg_get_userbyid(t.relowner) AS owner,
       t.relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user) AS "isOthers",
       a.attname AS column,
       format_type(base.type, -1) AS type,
       rn.nspname AS schema,
       r.relname AS name,
       value.attname AS value_column,
       counted.attname AS count_column,
       (g.kind <> 'live' OR tracked.attribute IS NOT NULL)
       AND kept.atttypid = base.type
       AND kept.attcollation = a.attcollation AS fits
  FROM dasy.aggregates AS g
  LEFT JOIN pg_class AS t ON t.oid = g.target
  LEFT JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
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
  LEFT JOIN pg_attribute AS a
    ON a.attrelid = t.oid
   AND NOT a.attisdropped
   AND (a.attnum = tracked.attribute
        OR (tracked.attribute IS NULL AND g.kind <> 'live' AND a.attname = g.column_name))
  LEFT JOIN LATERAL (
         -- The function is called only for domains: each call of a function in SQL is planned anew.
         SELECT CASE y.typtype WHEN 'd' THEN dasy.base_type(y.oid) ELSE y.oid END AS type
           FROM pg_type AS y
          WHERE y.oid = a.atttypid) AS base ON true
  LEFT JOIN pg_class AS s
    ON s.relnamespace = 'dasy'::regnamespace
   AND s.relname = format('groups_%s', g.aggregate)::name
  LEFT JOIN pg_class AS r
    ON r.oid = g.relation
   AND r.relkind = CASE g.kind WHEN 'manual' THEN 'r' ELSE 'v' END
   AND (g.kind <> 'live'
        OR EXISTS (
             SELECT
               FROM pg_rewrite AS w
               JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
              WHERE w.ev_class = r.oid
                AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid = s.oid))
  LEFT JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
  LEFT JOIN pg_attribute AS value ON value.attrelid = r.oid AND value.attnum = 1
  LEFT JOIN pg_attribute AS counted ON counted.attrelid = r.oid AND counted.attnum = 2
  LEFT JOIN pg_attribute AS kept
    ON kept.attrelid = CASE g.kind WHEN 'live' THEN s.oid ELSE r.oid END
   AND kept.attnum = 1
 ORDER BY g.aggregate
