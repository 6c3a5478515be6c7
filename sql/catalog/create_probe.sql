CREATE UNLOGGED TABLE {table} ({columns})
