SELECT s.location AS file,
       r.line,
       r.byte,
       r.reason
  FROM dasy.rejects AS r
  JOIN dasy.sources AS s ON s.run = r.run AND s.ordinal = r.source
 WHERE r.run = $1
 ORDER BY r.source, r.byte
 LIMIT $2
