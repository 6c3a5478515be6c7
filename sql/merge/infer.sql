-- What all values of a column can be; NULL where there are none.
SELECT ARRAY[{kinds}] AS kinds
  FROM {staging} AS s
