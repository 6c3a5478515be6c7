DELETE FROM {staging} AS s
 USING {refused} AS r
 WHERE s.position = r.position
