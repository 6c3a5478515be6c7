-- What the merge makes of the staged records, and makes anew when it is tried again.
DROP TABLE IF EXISTS {repeats}, {counts}, {prepared}
