-- Before the user's statements: the number of the transaction, which is unique, and all settings that they may change.
SELECT pg_current_xact_id()::text AS transaction,
       (SELECT jsonb_object_agg(name, setting)
          FROM pg_settings
         WHERE context IN ('user', 'superuser'))::text AS settings
