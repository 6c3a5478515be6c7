DROP TABLE {classified}
