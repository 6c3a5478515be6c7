INSERT INTO dasy.rejects (run, source, byte, line, reason, record)
SELECT $1, source, byte, line, reason, record
  FROM unnest($2::integer[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[])
       AS rejects (source, byte, line, reason, record)
