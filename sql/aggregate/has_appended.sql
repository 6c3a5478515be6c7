-- Whether there is anything beside the base.
SELECT EXISTS (SELECT FROM {storage} WHERE level < 9 AND level >= 0)
       OR (SELECT max(m.epoch) FROM {marks} AS m) IS DISTINCT FROM g.base_epoch AS there,
       g.groups
  FROM dasy.aggregates AS g
 WHERE g.aggregate = $1
