-- ALTER TABLE renames views, too.
ALTER TABLE {relation} RENAME TO {name}
