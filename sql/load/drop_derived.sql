-- Tables that the merge derives from the staged records; it makes them again for a retry.
DROP TABLE IF EXISTS {repeats}, {counts}, {prepared}
