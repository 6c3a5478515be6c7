ALTER TABLE {storage} RENAME TO {name};
ALTER INDEX {old_level_index} RENAME TO {level_index};
ALTER INDEX {old_value_index} RENAME TO {value_index}
