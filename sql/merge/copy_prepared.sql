COPY {prepared} (value, change, level)
FROM STDIN
WITH (FORMAT csv, ENCODING 'UTF8')
