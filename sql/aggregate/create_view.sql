CREATE VIEW {aggregate} AS
SELECT {column}, count(*) AS {count}
  FROM {target}
 GROUP BY {column}
