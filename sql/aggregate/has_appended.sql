-- Whether the storage has rows besides the base, and how many groups the base has.
SELECT EXISTS (SELECT FROM {storage} WHERE level < 9 AND level >= 0)
       OR (SELECT max(m.epoch) FROM {marks} AS m) IS DISTINCT FROM g.base_epoch AS "isAppended",
       g.groups
  FROM dasy.aggregates AS g
 WHERE g.aggregate = $1
