-- Until the end of the transaction, which resets them anyway. $1 are the stored settings.
WITH changed AS MATERIALIZED (
       SELECT remembered.key AS name, remembered.value
         FROM jsonb_each_text($1::jsonb) AS remembered
         JOIN pg_settings AS s ON s.name = remembered.key
        WHERE s.setting IS DISTINCT FROM remembered.value
     )
SELECT set_config(name, value, true) FROM changed
