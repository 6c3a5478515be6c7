-- {condition} leaves out records with values in surplus fields; the count of records then shows that they are missing.
COPY {worker_staging} ({columns})
FROM STDIN
WITH (FORMAT csv, DELIMITER {delimiter}, QUOTE {quote}, ESCAPE {escape}, ENCODING {encoding})
{condition}
