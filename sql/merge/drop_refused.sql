DROP TABLE {refused}
