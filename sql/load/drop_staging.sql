-- With the staging table go the workers' tables, and with these their sequences.
DROP TABLE IF EXISTS {staging}, {repeats}, {counts}, {prepared} CASCADE
