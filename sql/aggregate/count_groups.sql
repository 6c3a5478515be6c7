SELECT count(*) AS groups
  FROM {aggregate}
