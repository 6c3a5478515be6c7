-- A part of a name that has dots or quotes stands in quotes, in a run and in the tables of a webhook (lib/contract/table-name.ts).
CREATE OR REPLACE FUNCTION dasy.told_name(target text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
  SELECT coalesce(
           (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM pg_catalog.regexp_match(target, '^(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^".]+)$') AS parts
             CROSS JOIN LATERAL (
               SELECT pg_catalog.string_agg(
                        CASE WHEN pg_catalog.starts_with(part, '"') THEN part ELSE pg_catalog.quote_ident(part) END, '.' ORDER BY position) AS quoted
                 FROM pg_catalog.unnest(parts) WITH ORDINALITY AS p (part, position)
             ) AS named
              JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(named.quoted)
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace),
           target)
$$;
