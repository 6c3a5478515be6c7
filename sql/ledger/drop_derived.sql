-- Tables that the merge derives from the staged records; another attempt creates them again.
DROP TABLE IF EXISTS {duplicate_keys}, {losers}, {counts}, {prepared}
