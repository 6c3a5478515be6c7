-- Whether a table may refuse or change rows in a way that only writing them shows. $2: the columns that are written, $3: those of
-- the key, which no update changes. $4, $5, $6: whether rows may be inserted, updated, deleted.
SELECT EXISTS (
         SELECT
           FROM pg_constraint AS c
          WHERE (c.conrelid = $1::integer::oid
                 AND ((c.contype = 'c' AND ($4::boolean OR $5::boolean))
                      OR (c.contype = 'f' AND ($4 OR $5))))
             OR (c.confrelid = $1::integer::oid
                 AND c.contype = 'f'
                 AND ($6::boolean
                      OR ($5
                          AND EXISTS (
                                SELECT
                                  FROM pg_attribute AS a
                                 WHERE a.attrelid = c.confrelid
                                   AND a.attnum = ANY (c.confkey)
                                   AND a.attname = ANY ($2::text[])
                                   AND a.attname <> ALL ($3::text[])))))
       )
       -- Another unique index, or one whose expressions may fail.
       OR EXISTS (
            SELECT
              FROM pg_index AS i
             WHERE i.indrelid = $1::integer::oid
               AND ($4 OR $5)
               AND (i.indexprs IS NOT NULL
                    OR i.indpred IS NOT NULL
                    OR ((i.indisunique OR i.indisexclusion)
                        AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text)
                               FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS key (attnum, place)
                               JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
                              WHERE place <= i.indnkeyatts)
                            IS DISTINCT FROM (SELECT array_agg(name ORDER BY name) FROM unnest($3::text[]) AS name)))
          )
       -- A column that is computed when a row is written; or that an inserted row gets by a default, or must have.
       OR EXISTS (
            SELECT
              FROM pg_attribute AS a
              JOIN pg_type AS y ON y.oid = a.atttypid
             WHERE a.attrelid = $1::integer::oid
               AND a.attnum > 0
               AND NOT a.attisdropped
               AND ((a.attgenerated = 's' AND ($4 OR $5))
                    OR ($4
                        AND a.attgenerated = ''
                        AND a.attname <> ALL ($2::text[])
                        AND (a.atthasdef OR a.attidentity <> '' OR a.attnotnull OR y.typtype = 'd')))
          ) AS needed
