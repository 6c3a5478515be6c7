-- What all values of some columns can be; NULL where there are none.
SELECT ARRAY[{kinds}] AS kinds
  FROM (SELECT * FROM {staging} {limit}) AS s
