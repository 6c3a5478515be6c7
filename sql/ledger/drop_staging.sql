-- CASCADE drops the workers' tables, which inherit from the staging table, with their sequences.
DROP TABLE IF EXISTS {staging}, {duplicate_keys}, {losers}, {counts}, {prepared} CASCADE
