-- Whether the table $1 is known: dasy made it, or changed it, or a completed load named it, or the configuration does. $2 its names in
-- the ledger; $3, $4: schemas and names in the configuration, which mean what the search path finds if they have no schema.
SELECT EXISTS (SELECT FROM dasy.tables WHERE relation = $1::integer::oid)
       OR EXISTS (SELECT FROM dasy.change_sets WHERE relation = $1::integer::oid)
       OR EXISTS (SELECT FROM dasy.runs WHERE target = ANY ($2::text[]) AND outcome = 'completed' AND command IN ('ingest', 'update'))
       OR EXISTS (
            SELECT
              FROM unnest($3::text[], $4::text[]) AS named (schema, name)
             WHERE to_regclass(concat(quote_ident(named.schema) || '.', quote_ident(named.name))) = $1::integer::oid) AS known
