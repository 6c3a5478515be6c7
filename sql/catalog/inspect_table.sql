-- The targets of loads, as catalog/find_table found them.
SELECT c.oid::integer AS oid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       c.relnatts AS attributes,
       EXISTS (SELECT FROM dasy.tables AS t WHERE t.relation = c.oid) AS ours,
       pg_has_role(c.relowner, 'USAGE') AS owned,
       coalesce(columns.list, '[]') AS columns,
       coalesce(keys.list, '[]') AS keys,
       -- Whether a row trigger or a rule may store other values than those written, or none.
       acting.rewrites,
       acting.acts,
       acting.actors,
       c.relhassubclass AS "hasChildren",
       EXISTS (SELECT FROM pg_constraint AS d WHERE d.conrelid = c.oid AND d.condeferrable) AS deferrable
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (
         SELECT jsonb_agg(
                  jsonb_build_object(
                    'name', a.attname,
                    'attribute', a.attnum,
                    'type', format_type(a.atttypid, a.atttypmod),
                    'text', a.atttypid IN ('text'::regtype, 'varchar'::regtype)
                            AND a.atttypmod = -1
                            AND l.oid IS NULL,
                    'collation', l.collnamespace::regnamespace::text || '.' || quote_ident(l.collname),
                    'generated', a.attgenerated <> '' OR a.attidentity = 'a',
                    'notNull', a.attnotnull,
                    'domain', y.typtype = 'd',
                    'composite', types.composite,
                    'untrimmed', types.untrimmed,
                    'hashable', types.hashable,
                    'comparable', types.comparable)
                  ORDER BY a.attnum) AS list
           FROM pg_attribute AS a
           JOIN pg_type AS y ON y.oid = a.atttypid
           -- A nondeterministic collation, by which different texts may be equal.
           LEFT JOIN pg_collation AS l ON l.oid = a.attcollation AND NOT l.collisdeterministic
          CROSS JOIN LATERAL (
                  -- base: the type without domains. leaf: the type without domains and arrays. OFFSET and LIMIT keep these
                  -- separate queries, by the index of types: the planner expects longer chains than there are.
                  WITH RECURSIVE chain (depth, type, typmod, is_domain) AS (
                    SELECT 0, y.oid, a.atttypmod, y.typtype = 'd'
                     UNION ALL
                    SELECT chain.depth + 1,
                           inner_type.oid,
                           CASE WHEN chain.is_domain THEN outer_type.typtypmod ELSE chain.typmod END,
                           inner_type.typtype = 'd'
                      FROM chain
                     CROSS JOIN LATERAL (SELECT * FROM pg_type AS t WHERE t.oid = chain.type OFFSET 0) AS outer_type
                      JOIN pg_type AS inner_type
                        ON inner_type.oid
                           = CASE WHEN chain.is_domain THEN outer_type.typbasetype ELSE outer_type.typelem END
                     WHERE chain.is_domain
                        OR outer_type.typcategory = 'A'
                  ),
                  base AS (
                    SELECT first.type, first.typmod, p.typtype AS kind
                      FROM (SELECT type, typmod FROM chain WHERE NOT is_domain ORDER BY depth LIMIT 1) AS first
                      JOIN pg_type AS p ON p.oid = first.type
                  ),
                  leaf AS (
                    SELECT p.*
                      FROM (SELECT type FROM chain ORDER BY depth DESC LIMIT 1) AS last
                      JOIN pg_type AS p ON p.oid = last.type
                  ),
                  equality AS (
                    SELECT m.amname
                      FROM leaf
                      JOIN pg_opclass AS o
                        ON o.opcdefault
                       AND (o.opcintype = leaf.oid
                            OR (leaf.typtype = 'e' AND o.opcintype = 'anyenum'::regtype)
                            OR (leaf.typtype = 'r' AND o.opcintype = 'anyrange'::regtype)
                            OR (leaf.typtype = 'm' AND o.opcintype = 'anymultirange'::regtype)
                            OR EXISTS (
                                 SELECT
                                   FROM pg_cast AS k
                                  WHERE k.castsource = leaf.oid
                                    AND k.casttarget = o.opcintype
                                    AND k.castmethod = 'b'
                                    AND k.castcontext = 'i'))
                      JOIN pg_am AS m ON m.oid = o.opcmethod
                  )
                  SELECT base.kind = 'c' AS composite,
                         -- The type without length. A cast to varchar(3) truncates values that an INSERT refuses.
                         CASE
                           WHEN base.typmod >= 0
                            AND leaf.oid IN ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype)
                           THEN format_type(base.type, -1)
                         END AS untrimmed,
                         EXISTS (SELECT FROM equality WHERE amname = 'hash') AS hashable,
                         -- It has an equality, by which equal values are identical (not so in other string types, such as
                         -- citext). The operators of enums and ranges take no domain.
                         EXISTS (SELECT FROM equality WHERE amname IN ('hash', 'btree'))
                         AND NOT (y.typtype = 'd' AND leaf.typtype IN ('e', 'r', 'm'))
                         AND (leaf.typcategory <> 'S'
                              OR leaf.oid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype))
                         AS comparable
                    FROM base, leaf) AS types
          WHERE a.attrelid = c.oid
            AND a.attnum > 0
            AND NOT a.attisdropped) AS columns
 CROSS JOIN LATERAL (
         -- What acts when a row is written to the table or to one that inherits from it. (tgtype & 3 = 3: BEFORE row triggers.
         -- Those of a partitioned table are in each of its partitions too.)
         WITH RECURSIVE family (relation) AS (
           SELECT c.oid
            UNION
           SELECT i.inhrelid
             FROM family
             JOIN pg_inherits AS i ON i.inhparent = family.relation
         ),
         actor (what, acts, rewrites) AS (
           SELECT format('trigger "%s"', g.tgname), true, (g.tgtype & 3) = 3
             FROM family
             JOIN pg_trigger AS g ON g.tgrelid = family.relation
             JOIN pg_proc AS p ON p.oid = g.tgfoid
             JOIN pg_namespace AS m ON m.oid = p.pronamespace
            WHERE NOT g.tgisinternal
              AND g.tgenabled <> 'D'
              AND m.nspname <> 'dasy'
            UNION
           SELECT format('rule "%s"', r.rulename), true, true
             FROM pg_rewrite AS r
            WHERE r.ev_class = c.oid
            UNION
           SELECT format('foreign key "%s"', f.conname), false, false
             FROM pg_constraint AS f
            WHERE f.contype = 'f'
              AND f.conrelid = c.oid
              AND f.confrelid = c.oid
              AND f.confupdtype IN ('c', 'n', 'd')
            UNION
           SELECT 'row security', false, false
            WHERE row_security_active(c.oid)
         )
         SELECT coalesce(bool_or(rewrites), false) AS rewrites,
                coalesce(bool_or(acts), false) AS acts,
                coalesce(jsonb_agg(what ORDER BY what), '[]') AS actors
           FROM actor) AS acting
 CROSS JOIN LATERAL (
         -- Unique indexes on columns (no expressions, not partial), the primary key first.
         SELECT jsonb_agg(
                  jsonb_build_object(
                    'primary', i.indisprimary,
                    'constraint', k.conname,
                    -- A primary key as dasy creates it, and nothing depends on it. (To build it again, an owner needs the
                    -- right to create in the schema.)
                    'plain', i.indisprimary
                             AND k.conname IS NOT NULL
                             AND NOT k.condeferrable
                             AND i.indnatts = i.indnkeyatts
                             AND NOT i.indisreplident
                             AND NOT i.indisclustered
                             AND x.reltablespace = 0
                             AND has_schema_privilege(n.oid, 'CREATE')
                             AND current_setting('default_tablespace') = ''
                             AND x.reloptions = '{deduplicate_items=off}'
                             AND NOT EXISTS (
                                   SELECT
                                     FROM pg_description AS d
                                    WHERE (d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid)
                                       OR (d.classoid = 'pg_class'::regclass AND d.objoid = x.oid))
                             AND NOT EXISTS (
                                   SELECT
                                     FROM pg_depend AS d
                                    WHERE (d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid
                                           AND (d.classid, d.objid) <> ('pg_class'::regclass, x.oid))
                                       OR (d.refclassid = 'pg_class'::regclass AND d.refobjid = x.oid)
                                       OR (d.deptype IN ('e', 'x')
                                           AND (d.classid, d.objid) IN (('pg_constraint'::regclass, k.oid),
                                                                        ('pg_class'::regclass, x.oid)))),
                    'columns', (
                      SELECT jsonb_agg(a.attname ORDER BY place)
                        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS key (attnum, place)
                        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.attnum
                       WHERE place <= i.indnkeyatts))
                  ORDER BY i.indisprimary DESC, i.indexrelid) AS list
           FROM pg_index AS i
           JOIN pg_class AS x ON x.oid = i.indexrelid
           LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
          WHERE i.indrelid = c.oid
            AND i.indisunique
            AND i.indisvalid
            AND i.indpred IS NULL
            AND i.indexprs IS NULL) AS keys
 WHERE {only}
