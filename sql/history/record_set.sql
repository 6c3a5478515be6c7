-- $13: whether the set is only planned.
INSERT INTO dasy.change_sets (
  run, relation, kind, key, key_types, columns, types, attributes, inserted, updated, deleted, digest, xid, full_xid, file,
  subxids)
SELECT $1,
       $2::integer::oid::regclass,
       $3::text,
       $4::text[],
       $5::text[],
       $6::text[],
       $7::text[],
       $8::smallint[],
       $9::bigint,
       $10::bigint,
       $11::bigint,
       $12::text,
       CASE WHEN NOT $13::boolean THEN pg_current_xact_id()::xid::text::bigint END,
       CASE WHEN NOT $13::boolean THEN pg_current_xact_id()::text::bigint END,
       CASE WHEN $3::text = 'first_load' THEN pg_relation_filenode($2::integer::oid)::bigint END,
       $14::bigint[]
