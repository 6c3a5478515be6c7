SELECT convert_from($1, $2) AS text
