-- Later than any epoch restored from another database.
SELECT setval(
         {epochs_name}::regclass,
         greatest(nextval({epochs_name}::regclass), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)) AS epoch
