SELECT failed::text AS position,
       fault AS reason
  FROM dasy.write_carefully($1::regclass, $2::regclass, $3, $4, $5, $6, $7, $8)
 ORDER BY failed
 LIMIT $8
