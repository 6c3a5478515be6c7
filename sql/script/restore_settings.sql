-- Restores the settings $1, for the whole session: a SET in the file may have changed them beyond the transaction.
WITH changed AS MATERIALIZED (
       SELECT remembered.key AS name, remembered.value
         FROM jsonb_each_text($1::jsonb) AS remembered
         JOIN pg_settings AS s ON s.name = remembered.key
        WHERE s.setting IS DISTINCT FROM remembered.value
     )
SELECT set_config(name, value, false) FROM changed
