-- How values are written as text and read again, whatever the session's own settings are: until they are set back, or the
-- transaction ends (if local). Returns the session's own.
SELECT name,
       current_setting(name) AS former,
       set_config(name, wanted, {local})
  FROM (VALUES
         ('DateStyle', 'ISO'),
         ('TimeZone', 'UTC'),
         ('IntervalStyle', 'postgres'),
         ('extra_float_digits', '1'),
         ('bytea_output', 'hex'),
         -- Of the type money.
         ('lc_monetary', 'C'),
         ('xmloption', 'content'),
         ('array_nulls', 'on'),
         -- Names in values (of regclass and the like) and of types are qualified.
         ('search_path', 'pg_catalog')
       ) AS settings (name, wanted)
