-- Whether a table that was filled under another name, by several transactions, looks the same as one that was made with its
-- rows: nobody follows rows or statements, and a new table gets no privileges by default. On a standby somebody might see a
-- part of the rows.
SELECT current_setting('wal_level') <> 'logical'
   AND NOT EXISTS (SELECT FROM pg_publication)
   AND NOT EXISTS (SELECT FROM pg_stat_replication)
   AND NOT EXISTS (SELECT FROM pg_event_trigger)
   AND NOT EXISTS (
         SELECT
           FROM pg_default_acl AS a
           JOIN pg_roles AS r ON r.oid = a.defaclrole
          WHERE r.rolname = current_user) AS allowed
