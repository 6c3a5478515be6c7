-- The settings of every session of dasy, so that no setting of the role, the database or the server can change a result or
-- stop a run. They are set only here; docs/database.md describes them for users.
--
-- They are set only on one backend, the expected one. If a connection pool assigned another one, nothing is changed, because
-- the settings would stay there for other clients. The SET LOCAL end with this transaction; timeouts must not stop even that.
BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY, NOT DEFERRABLE;

SET LOCAL statement_timeout = 0;

{no_transaction_timeout}

SELECT pg_backend_pid() AS backend,
       EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D') AS "hasEventTriggers";

SELECT set_config(name, setting, false)
  FROM (VALUES
         -- Transactions state their own modes (lib/db/transaction.ts); this is for statements outside of one. Under a higher
         -- isolation a statement after a lock would see the state from before the lock.
         ('default_transaction_isolation', 'read committed'),
         ('default_transaction_read_only', 'off'),
         ('default_transaction_deferrable', 'off'),
         -- A large load may take any time, and its main session is idle while the workers copy.
         ('statement_timeout', '0'),
         ('lock_timeout', '0'),
         ('transaction_timeout', '0'),
         ('idle_session_timeout', '0'),
         ('idle_in_transaction_session_timeout', '0'),
         -- Keepalive probes every ten seconds, so that a client that is gone keeps its locks for less than a minute.
         ('tcp_keepalives_idle', '10'),
         ('tcp_keepalives_interval', '10'),
         ('tcp_keepalives_count', '3'),
         -- How statements are parsed, and how the catalog's functions write what becomes part of statements.
         ('client_encoding', 'UTF8'),
         ('standard_conforming_strings', 'on'),
         ('quote_all_identifiers', 'off'),
         ('array_nulls', 'on'),
         ('transform_null_equals', 'off'),
         -- How values are written. TimeZone, IntervalStyle, xmloption and the order of day and month (the second part of
         -- DateStyle) decide how text is read too, so they are not changed: a file is read as psql would read it.
         ('DateStyle', 'ISO'),
         ('bytea_output', 'hex'),
         -- With fewer digits, two different numbers could have the same text, and a changed value could count as unchanged.
         ('extra_float_digits', '1'),
         -- Triggers fire (also those of aggregates), and foreign keys are checked.
         ('session_replication_role', 'origin'),
         -- Policies filter rows, as for other clients. With "off" a statement that they affect would fail.
         ('row_security', 'on'),
         -- The merge uses ctid and fillfactor, which other access methods may lack.
         ('default_table_access_method', 'heap'),
         -- A run that reports success is durable.
         ('synchronous_commit', 'on'),
         -- The search path of the role, without the schemas of dasy (whose objects are not the user's), and without those of
         -- PostgreSQL (pg_catalog must come first, and pg_temp would make new tables temporary).
         (
           'search_path',
           (
             SELECT coalesce(string_agg(quote_ident(schema), ', ' ORDER BY place), '')
               FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (schema, place)
              WHERE schema NOT IN ('dasy', 'dasy_queue')
                AND NOT starts_with(schema, 'pg_')
           ))
       ) AS wanted (name, setting)
 WHERE pg_backend_pid() = {backend}
   -- PostgreSQL 15 and 16 have no transaction_timeout.
   AND current_setting(name, true) IS NOT NULL
   AND CASE name
         -- Only a superuser may change it, so only if it has to be changed.
         WHEN 'session_replication_role' THEN current_setting(name) = 'replica'
         -- Other values than off stay: a user who chose to wait for replicas wants that.
         WHEN 'synchronous_commit' THEN current_setting(name) = 'off'
         -- Only if it has to be changed, because "$user" in it follows SET ROLE.
         WHEN 'search_path' THEN current_setting(name) ~ 'dasy|pg_' OR current_user IN ('dasy', 'dasy_queue')
         ELSE true
       END;

COMMIT
