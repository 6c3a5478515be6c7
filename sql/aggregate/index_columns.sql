SELECT dasy.index_columns($1::regclass) AS columns
