COPY {worker_staging} ({columns})
FROM STDIN
WITH (FORMAT csv, DELIMITER {delimiter}, QUOTE {quote}, ESCAPE {escape}, ENCODING {encoding})
