SELECT convert_to($1, $2) AS bytes
