-- Of how many rows later runs have replaced the version that one of the transactions $1 wrote.
SELECT count(*) AS keys
  FROM {later}
 WHERE was::text = ANY ($1)
