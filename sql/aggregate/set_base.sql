-- The whole storage is the base, from now on.
UPDATE dasy.aggregates
   SET groups = $2,
       base_epoch = $3
 WHERE aggregate = $1
