-- A surplus field with something in it is left out, and missed when the records are counted.
COPY {worker_staging} ({columns})
FROM STDIN
WITH (FORMAT csv, DELIMITER {delimiter}, QUOTE {quote}, ESCAPE {escape}, ENCODING {encoding})
{condition}
