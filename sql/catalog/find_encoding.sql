-- An encoding by any of its names, and whether PostgreSQL can convert text from it to the database's encoding. No row if the
-- server does not know the name.
SELECT pg_encoding_to_char(number) AS name,
       current_setting('server_encoding') AS database,
       number = own
       OR current_setting('server_encoding') = 'SQL_ASCII'
       OR EXISTS (SELECT
                    FROM pg_conversion
                   WHERE conforencoding = number
                     AND contoencoding = own
                     AND condefault) AS convertible
  FROM (SELECT pg_char_to_encoding($1) AS number,
               pg_char_to_encoding(current_setting('server_encoding')::name) AS own) AS asked
 WHERE number >= 0
