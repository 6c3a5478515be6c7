SELECT nextval(pg_get_serial_sequence('dasy.aggregates', 'aggregate'))::integer AS id
