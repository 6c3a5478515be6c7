-- The row with a key as it is now. The parameters are named once more, because a NULL is not compared with one.
SELECT {key} AS key,
       {others} AS others,
       t.xmin::text::bigint AS xmin
  FROM {target} AS t
 WHERE {same_key}
   AND coalesce({parameters}, '') IS NOT NULL
