-- Stores rejects. $10 is the concatenation of their records.
INSERT INTO dasy.rejects (run, source, byte, line, reason, staged, complete, record)
SELECT $1, source, byte, line, reason, staged, complete, substr($10::bytea, start, length)
  FROM unnest($2::integer[], $3::bigint[], $4::bigint[], $5::text[], $6::boolean[], $7::boolean[],
              $8::integer[], $9::integer[])
       AS rejects (source, byte, line, reason, staged, complete, start, length)
