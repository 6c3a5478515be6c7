-- Whether all tables, sequences and triggers of a live aggregate exist.
SELECT to_regclass({storage_name}) IS NOT NULL
       AND to_regclass({marks_name}) IS NOT NULL
       AND to_regclass({epochs_name}) IS NOT NULL
       AND (SELECT count(*)
              FROM pg_trigger AS g
              JOIN pg_proc AS f ON f.oid = g.tgfoid
             WHERE g.tgrelid = $1::integer::oid
               AND f.proname = {follow_name}
               AND f.pronamespace = 'dasy'::regnamespace) = 5 AS complete
