-- Begins an epoch, later than any restored from another database, and marks the storage as right for the target's current file,
-- from this epoch on.
SELECT setval(
         {epochs_name}::regclass,
         greatest(nextval({epochs_name}::regclass), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)) AS epoch;

DELETE FROM {marks};

SELECT dasy.confirm({id}, {target}::oid, currval({epochs_name}::regclass))
