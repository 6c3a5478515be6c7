-- The sources of the runs $1, in their order.
SELECT run,
       ordinal,
       kind,
       location AS name,
       path,
       bytes AS size,
       repeatable,
       identity,
       header,
       first_byte,
       first_line,
       encoding,
       dialect,
       columns,
       text_bytes
  FROM dasy.sources
 WHERE run = ANY ($1::bigint[])
 ORDER BY run, ordinal
