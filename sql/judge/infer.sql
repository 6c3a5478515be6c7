-- For each column the types that all its values can have, as bits; NULL if it has no values.
SELECT ARRAY[{kinds}] AS kinds
  FROM (SELECT * FROM {staging} {limit}) AS s
