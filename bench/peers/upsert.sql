-- What somebody writes who knows PostgreSQL well: the file (on psql's standard input) into a staging table without
-- WAL, the last record of each key from there into the keyed table, the counts anew. One transaction.
BEGIN;

CREATE UNLOGGED TABLE staging (
  n            bigint GENERATED ALWAYS AS IDENTITY,
  name         text,
  sku          text,
  description  text
);

\copy staging (name, sku, description) FROM pstdin (FORMAT csv, HEADER)

INSERT INTO rival (sku, name, description)
SELECT DISTINCT ON (sku) sku, name, description
  FROM staging
 ORDER BY sku, n DESC
    ON CONFLICT (sku) DO UPDATE
   SET name = excluded.name,
       description = excluded.description;

TRUNCATE rival_agg;

INSERT INTO rival_agg
SELECT name, count(*)
  FROM rival
 GROUP BY name;

DROP TABLE staging;

COMMIT;
