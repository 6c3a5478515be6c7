-- What a load must know of its target: $1 is its schema, or NULL for the search path, and $2 its name. No row:
-- there is no such relation. (Not by to_regclass(): that remembers, even while we waited for a lock, that there
-- was none.)
SELECT c.oid::integer AS oid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       EXISTS (SELECT FROM dasy.tables AS t WHERE t.relation = c.oid) AS ours,
       pg_has_role(c.relowner, 'USAGE') AS owned,
       columns.list AS columns,
       coalesce(keys.list, '[]') AS keys,
       -- A row trigger or a rule may store something other than what is written.
       EXISTS (
         SELECT
           FROM pg_trigger AS g
          WHERE g.tgrelid = c.oid
            AND NOT g.tgisinternal
            AND g.tgenabled <> 'D'
            AND (g.tgtype & 3) = 3) OR c.relhasrules AS rewrites,
       EXISTS (SELECT FROM pg_constraint AS f WHERE f.confrelid = c.oid) AS referenced,
       c.relhassubclass AS "hasChildren"
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (
         SELECT jsonb_agg(
                  jsonb_build_object(
                    'name', a.attname,
                    'attribute', a.attnum,
                    'type', format_type(a.atttypid, a.atttypmod),
                    'text', y.typcategory = 'S',
                    'generated', a.attgenerated <> '' OR a.attidentity = 'a')
                  ORDER BY a.attnum) AS list
           FROM pg_attribute AS a
           JOIN pg_type AS y ON y.oid = a.atttypid
          WHERE a.attrelid = c.oid
            AND a.attnum > 0
            AND NOT a.attisdropped) AS columns
 CROSS JOIN LATERAL (
         -- Unique indexes on whole columns of all rows, the primary key first.
         SELECT jsonb_agg(
                  jsonb_build_object(
                    'primary', i.indisprimary,
                    'constraint', k.conname,
                    'columns', (
                      SELECT jsonb_agg(a.attname ORDER BY place)
                        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS key (attnum, place)
                        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.attnum
                       WHERE place <= i.indnkeyatts))
                  ORDER BY i.indisprimary DESC, i.indexrelid) AS list
           FROM pg_index AS i
           LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
          WHERE i.indrelid = c.oid
            AND i.indisunique
            AND i.indisvalid
            AND i.indpred IS NULL
            AND i.indexprs IS NULL) AS keys
 WHERE c.relname = $2
   AND n.nspname = ANY (CASE WHEN $1::text IS NULL THEN current_schemas(true) ELSE ARRAY[$1::name] END)
 ORDER BY array_position(current_schemas(true), n.nspname)
 LIMIT 1
