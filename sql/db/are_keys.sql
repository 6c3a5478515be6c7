-- Whether each of these indexes ($1 their schemas, $2 their names) finds one row at most by columns of $3.
SELECT coalesce(
         bool_and(
           i.indisunique
           AND i.indpred IS NULL
           AND i.indexprs IS NULL
           AND NOT EXISTS (
                 SELECT
                   FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS key (attnum, place)
                   JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
                  WHERE place <= i.indnkeyatts
                    AND a.attname <> ALL ($3::name[]))),
         true) AS are
  FROM unnest($1::name[], $2::name[]) AS used (schema, name)
  JOIN pg_namespace AS n ON n.nspname = used.schema
  JOIN pg_class AS x ON x.relnamespace = n.oid AND x.relname = used.name
  JOIN pg_index AS i ON i.indexrelid = x.oid
