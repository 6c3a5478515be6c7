-- Elsewhere a TRUNCATE would only be sent to replicas.
SELECT current_setting('wal_level') = 'minimal' AS can
