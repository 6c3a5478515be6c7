SELECT dasy.count_groups($1) AS groups
