DELETE FROM {staging}
 WHERE {missing}
    OR {length} > 2600
