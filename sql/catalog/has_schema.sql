SELECT to_regclass('dasy.migrations') IS NOT NULL AS there
