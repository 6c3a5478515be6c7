-- Registers the whole storage as the base.
UPDATE dasy.aggregates
   SET groups = $2,
       base_epoch = $3
 WHERE aggregate = $1
