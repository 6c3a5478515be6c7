-- Whether there is pg_input_is_valid(), from PostgreSQL 16 on.
SELECT current_setting('server_version_num')::integer >= 160000 AS can
