-- CASCADE drops the workers' tables, which inherit from the staging table, with their sequences.
DROP TABLE IF EXISTS {staging}, {repeats}, {counts}, {prepared} CASCADE
