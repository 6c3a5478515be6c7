-- Dropping the staging table drops the workers' tables, and these their sequences.
DROP TABLE IF EXISTS {staging}, {repeats}, {counts}, {prepared} CASCADE
