DELETE FROM {staging} AS s
 WHERE {unusable}
