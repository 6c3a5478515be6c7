-- Whether there may be a record whose key is missing or whose values do not fit, in one pass. It fails if a value cannot be
-- cast.
SELECT ARRAY[{doubts}] AS doubts
  FROM {staging} AS s
