-- What each session of dasy sets for itself, so that nothing that was set on the role, the database or the server can
-- change a result or stop a run. All of it is set here, and nowhere else; docs/database.md tells users about it.
--
-- It is set on one backend only, {backend}. Where a connection pool hands out another one, nothing is touched: a setting
-- would stay on it, for other clients. SET LOCAL goes with this transaction; the timeouts must not stop even this.
BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY, NOT DEFERRABLE;

SET LOCAL statement_timeout = 0;

{no_transaction_timeout}

SELECT pg_backend_pid() AS backend;

SELECT set_config(name, setting, false)
  FROM (VALUES
         -- A transaction says what it is (lib/db/transaction.ts); this is for statements outside of one. In an older
         -- snapshot a decision under a lock would be taken by what was there before the lock.
         ('default_transaction_isolation', 'read committed'),
         ('default_transaction_read_only', 'off'),
         ('default_transaction_deferrable', 'off'),
         -- A large load takes as long as it takes, and its main session is idle while the workers copy.
         ('statement_timeout', '0'),
         ('lock_timeout', '0'),
         ('transaction_timeout', '0'),
         ('idle_session_timeout', '0'),
         ('idle_in_transaction_session_timeout', '0'),
         -- A silent network is asked every ten seconds, so that a client that is gone holds its locks for less than a
         -- minute.
         ('tcp_keepalives_idle', '10'),
         ('tcp_keepalives_interval', '10'),
         ('tcp_keepalives_count', '3'),
         -- How statements, and the catalog's answers that become part of statements, are written.
         ('client_encoding', 'UTF8'),
         ('standard_conforming_strings', 'on'),
         ('quote_all_identifiers', 'off'),
         ('array_nulls', 'on'),
         ('transform_null_equals', 'off'),
         -- How values are sent. The order of day and month (DateStyle), TimeZone, IntervalStyle and xmloption say how
         -- text is read as well, and stay as they are: a file is read as psql would read it.
         ('DateStyle', 'ISO'),
         ('bytea_output', 'hex'),
         -- With fewer digits two numbers would be one text, and what is compared as text would pass for unchanged.
         ('extra_float_digits', '1'),
         -- Triggers fire, the aggregates' among them, and foreign keys are checked.
         ('session_replication_role', 'origin'),
         -- Policies filter, as they do for everybody else; with "off" a statement would fail.
         ('row_security', 'on'),
         -- The merge needs places of rows (ctid) and free space in pages (fillfactor).
         ('default_table_access_method', 'heap'),
         -- What a run says it did, it did for good.
         ('synchronous_commit', 'on'),
         -- Names without a schema are looked up as the role is set, but never among what dasy keeps for itself, never
         -- in place of PostgreSQL's own, and tables are not made as temporary ones.
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
   -- PostgreSQL 15 and 16 know no transaction_timeout.
   AND current_setting(name, true) IS NOT NULL
   AND CASE name
         -- Only a superuser may.
         WHEN 'session_replication_role' THEN current_setting(name) = 'replica'
         -- Whoever waits for replicas wants to.
         WHEN 'synchronous_commit' THEN current_setting(name) = 'off'
         -- Without need it stays as it is written: "$user" follows SET ROLE.
         WHEN 'search_path' THEN current_setting(name) ~ 'dasy|pg_' OR current_user IN ('dasy', 'dasy_queue')
         ELSE true
       END;

COMMIT
