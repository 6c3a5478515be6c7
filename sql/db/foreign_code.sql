-- The code that a write to these tables would run with the rights of this role, if the owner of the code lacks some of those
-- rights. Only extraordinary rights count (of a superuser and the like): no row for a role without any.
WITH RECURSIVE powers AS (
  SELECT r.oid
    FROM pg_roles AS r
   WHERE (r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.rolreplication
          OR r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                           'pg_execute_server_program', 'pg_signal_backend', 'pg_maintain'))
     AND pg_has_role(current_user, r.oid, 'MEMBER')
),
others (role, name) AS (
  SELECT r.oid, r.rolname
    FROM pg_roles AS r
   WHERE EXISTS (SELECT FROM powers WHERE NOT pg_has_role(r.oid, powers.oid, 'MEMBER'))
),
family (relation) AS (
  SELECT unnest(ARRAY[{tables}]::bigint[])::oid
   UNION
  SELECT i.inhrelid
    FROM family
    JOIN pg_inherits AS i ON i.inhparent = family.relation
),
-- As an array, by which the catalog is read through its indexes: of so many tables as the planner expects otherwise, it would read
-- all of the catalog.
own (tables) AS (
  SELECT ARRAY(SELECT relation FROM family)
),
-- Expressions are stored as trees, which contain the oids of functions, operators and types.
expressions (relation, what, tree) AS (
  SELECT d.adrelid, format('the expression of column "%s"', a.attname), d.adbin::text
    FROM pg_attrdef AS d
    JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
   WHERE d.adrelid = ANY ((SELECT tables FROM own)::oid[])
   UNION ALL
  SELECT k.conrelid, format('the constraint "%s"', k.conname), k.conbin::text
    FROM pg_constraint AS k
   WHERE k.conrelid = ANY ((SELECT tables FROM own)::oid[])
   UNION ALL
  SELECT i.indrelid, format('the index "%s"', x.relname), concat(i.indexprs::text, i.indpred::text)
    FROM pg_index AS i
    JOIN pg_class AS x ON x.oid = i.indexrelid
   WHERE i.indrelid = ANY ((SELECT tables FROM own)::oid[])
   UNION ALL
  SELECT p.polrelid, format('the policy "%s"', p.polname), concat(p.polqual::text, p.polwithcheck::text)
    FROM pg_policy AS p
   WHERE p.polrelid = ANY ((SELECT tables FROM own)::oid[])
   UNION ALL
  SELECT p.partrelid, 'the key of its partitions', p.partexprs::text
    FROM pg_partitioned_table AS p
   WHERE p.partrelid = ANY ((SELECT tables FROM own)::oid[])
   UNION ALL
  SELECT g.tgrelid, format('the trigger "%s"', g.tgname), g.tgqual::text
    FROM pg_trigger AS g
   WHERE g.tgrelid = ANY ((SELECT tables FROM own)::oid[])
),
used (relation, what, kind, number) AS (
  SELECT e.relation, e.what, found[1], found[2]::oid
    FROM expressions AS e
   CROSS JOIN regexp_matches(e.tree, ':(funcid|opfuncid|opno|[a-z]*type) ([0-9]+)', 'g') AS found
),
-- What this role would run with its own rights: functions of those owners; and functions of the server that can do more than
-- compute, if those owners put them into an expression.
called (what, role) AS (
  SELECT used.what,
         CASE WHEN p.proowner IN (SELECT role FROM others) THEN p.proowner ELSE c.relowner END
    FROM used
    JOIN pg_class AS c ON c.oid = used.relation
    LEFT JOIN pg_operator AS o ON used.kind = 'opno' AND o.oid = used.number
    JOIN pg_proc AS p ON p.oid = CASE used.kind WHEN 'opno' THEN o.oprcode::oid ELSE used.number END
   WHERE used.kind IN ('funcid', 'opfuncid', 'opno')
     AND (p.proowner IN (SELECT role FROM others)
          OR (p.provolatile = 's' AND p.prorettype = 'xml'::regtype)
          OR (p.provolatile = 'v'
              AND p.proname NOT IN ('now', 'clock_timestamp', 'timeofday', 'nextval', 'random', 'random_normal',
                                    'gen_random_uuid', 'gen_random_bytes', 'uuidv4', 'uuidv7', 'uuid_generate_v1',
                                    'uuid_generate_v1mc', 'uuid_generate_v4')))
   UNION ALL
  SELECT format('the trigger "%s"', g.tgname), p.proowner
    FROM pg_trigger AS g
   CROSS JOIN LATERAL (SELECT f.* FROM pg_proc AS f WHERE f.oid = g.tgfoid OFFSET 0) AS p -- By the index.
   WHERE g.tgrelid = ANY ((SELECT tables FROM own)::oid[])
     AND g.tgenabled <> 'D'
     -- The trigger function of an aggregate runs as the table's owner; see aggregate/trigger_functions_of_others.
     AND NOT (p.pronamespace = to_regnamespace('dasy')
              AND p.proname ~ '^follow_[0-9]+$'
              AND p.prosecdef
              AND (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user))
     -- Nor what the migrations make: its functions are compared by db/foreign_schema.
     AND NOT (p.pronamespace = to_regnamespace('dasy')
              AND p.proname !~ '^(follow|amend)_[0-9]+$'
              AND EXISTS (
                    SELECT
                      FROM pg_class AS c
                     WHERE c.oid = g.tgrelid
                       AND c.relnamespace = to_regnamespace('dasy')))
   UNION ALL
  SELECT format('the rule "%s"', r.rulename), c.relowner
    FROM family
    JOIN pg_rewrite AS r ON r.ev_class = family.relation
    JOIN pg_class AS c ON c.oid = family.relation
),
-- The owner of a type can give it checks, casts and operators at any moment. (The storage of aggregates is exempt: its values
-- are never cast, and compared only by functions of superusers.)
types (type) AS (
  -- As an array, of which the planner expects ten elements. From what it expects otherwise it would make hash tables of 20 MB.
  SELECT unnest(ARRAY(
           SELECT a.atttypid
             FROM family
             JOIN pg_attribute AS a ON a.attrelid = family.relation AND a.attnum > 0 AND NOT a.attisdropped
             JOIN pg_class AS c ON c.oid = family.relation
            WHERE NOT (a.attname = 'value'
                       AND c.relname ~ '^(groups|prepared)_[0-9]+$'
                       AND c.relnamespace IS NOT DISTINCT FROM to_regnamespace('dasy'))
            UNION
           SELECT used.number
             FROM used
            WHERE used.kind LIKE '%type'))
   UNION
  SELECT part.type
    FROM types
    JOIN pg_type AS y ON y.oid = types.type
   CROSS JOIN LATERAL (
           SELECT y.typelem AS type
            UNION ALL
           SELECT y.typbasetype
            UNION ALL
           SELECT r.rngsubtype FROM pg_range AS r WHERE y.oid IN (r.rngtypid, r.rngmultitypid)
            UNION ALL
           SELECT a.atttypid
             FROM pg_attribute AS a
            WHERE a.attrelid = y.typrelid
              AND a.attnum > 0
              AND NOT a.attisdropped) AS part
   WHERE part.type <> 0
)
SELECT what, others.name AS owner
  FROM called
  JOIN others USING (role)
 UNION
SELECT format('the type %s', format_type(y.oid, NULL)), others.name
  FROM pg_type AS y
  JOIN others ON others.role = y.typowner
 WHERE y.oid = ANY (ARRAY(SELECT type FROM types))
 ORDER BY owner, what
