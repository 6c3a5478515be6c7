DELETE FROM {repeats} AS r
 WHERE {unusable}
