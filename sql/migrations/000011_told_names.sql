-- A part of a name that has dots or quotes stands in quotes, in a run and in the tables of a webhook (lib/contract/table-name.ts).
-- By the catalog, because to_regclass() fails for a schema that the role may not use: a webhook of others must not stop a load.
CREATE OR REPLACE FUNCTION dasy.told_name(target text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
  SELECT coalesce(
           (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM pg_catalog.regexp_match(target, '^(?:("(?:[^"]|"")+"|[^".]+)[.])?("(?:[^"]|"")+"|[^".]+)$') AS parts
             CROSS JOIN LATERAL (
               SELECT pg_catalog.array_agg(
                        CASE
                          WHEN pg_catalog.starts_with(part, '"')
                          THEN pg_catalog.replace(pg_catalog.substr(part, 2, pg_catalog.length(part) OPERATOR(pg_catalog.-) 2), '""', '"')
                          ELSE part
                        END ORDER BY place)
                 FROM pg_catalog.unnest(parts) WITH ORDINALITY AS p (part, place)
             ) AS named (names)
              JOIN pg_catalog.pg_class AS c ON c.relname OPERATOR(pg_catalog.=) names[2]::pg_catalog.name
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
             WHERE CASE
                     WHEN names[1] IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
                     ELSE n.nspname OPERATOR(pg_catalog.=) names[1]::pg_catalog.name
                   END
             LIMIT 1),
           target)
$$;
