-- Not only until the end of the transaction: what a file has SET without LOCAL would outlast it, in a session that goes on.
-- $1 is what was remembered.
WITH changed AS MATERIALIZED (
       SELECT remembered.key AS name, remembered.value
         FROM jsonb_each_text($1::jsonb) AS remembered
         JOIN pg_settings AS s ON s.name = remembered.key
        WHERE s.setting IS DISTINCT FROM remembered.value
     )
SELECT set_config(name, value, false) FROM changed
