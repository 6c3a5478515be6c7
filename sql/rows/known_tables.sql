-- The tables that dasy knows: it made or changed them, or a completed load named them. $1, $2: schemas and names of those in the
-- configuration.
WITH known (relation) AS (
  SELECT relation FROM dasy.tables
   UNION
  SELECT relation FROM dasy.change_sets
   UNION
  SELECT to_regclass(
           (SELECT string_agg(CASE WHEN found.part[1] LIKE '"%' THEN found.part[1] ELSE quote_ident(found.part[1]) END, '.' ORDER BY place)
              FROM regexp_matches(target, '"(?:[^"]|"")+"|[^".]+', 'g') WITH ORDINALITY AS found (part, place)))
    FROM (SELECT DISTINCT target FROM dasy.runs WHERE outcome = 'completed' AND command IN ('ingest', 'update')) AS loaded
   UNION
  SELECT to_regclass(concat(quote_ident(schema) || '.', quote_ident(name)))
    FROM unnest($1::text[], $2::text[]) AS named (schema, name)
)
SELECT c.oid::integer AS oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_table_is_visible(c.oid) AS visible,
       {rows} AS rows
  FROM known AS k
  JOIN pg_class AS c ON c.oid = k.relation
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname NOT IN ('dasy', 'dasy_queue')
   AND has_table_privilege(c.oid, 'SELECT')
 ORDER BY n.nspname, c.relname
