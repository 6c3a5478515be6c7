-- Before somebody else's statements: the transaction's number, which no other one ever has, and all that they may set.
SELECT pg_current_xact_id()::text AS transaction,
       (SELECT jsonb_object_agg(name, setting)
          FROM pg_settings
         WHERE context IN ('user', 'superuser'))::text AS settings
