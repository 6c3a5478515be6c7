ALTER TABLE {prepared} RENAME TO {name}
