SELECT number, name, applied_at
  FROM dasy.migrations
 ORDER BY number
