-- Before the user's statements: the id of the transaction, and all settings that the statements can change.
SELECT pg_current_xact_id()::text AS transaction,
       (SELECT jsonb_object_agg(name, setting)
          FROM pg_settings
         WHERE context IN ('user', 'superuser'))::text AS settings
