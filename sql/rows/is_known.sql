-- Whether dasy has loaded the table $1: it made the table, or changed it, or a completed load named it. $2 its names in the ledger.
SELECT EXISTS (SELECT FROM dasy.tables WHERE relation = $1::integer::oid)
       OR EXISTS (SELECT FROM dasy.change_sets WHERE relation = $1::integer::oid)
       OR EXISTS (SELECT FROM dasy.runs WHERE target = ANY ($2::text[]) AND outcome = 'completed' AND command IN ('ingest', 'update')) AS known
