-- One share of the records, selected by their positions.
INSERT INTO {losers}
SELECT s.position
  FROM {staging} AS s
  JOIN {duplicate_keys} AS r ON {same_key}
 WHERE s.position & $1 = $2
   AND s.position <> r.winner
