(SELECT concat_ws(
          ' ',
          f.relation,
          (SELECT string_agg(concat(attnum, ':', xmin), ',') FROM pg_attribute WHERE attrelid = f.relation AND attnum > 0),
          (SELECT string_agg(concat(indexrelid, ':', xmin), ',') FROM pg_index WHERE indrelid = f.relation),
          (SELECT key::text FROM dasy.change_sets WHERE relation = f.relation AND xid IS NOT NULL ORDER BY run DESC LIMIT 1))
   FROM (SELECT to_regclass({table})::oid AS relation) AS f)
