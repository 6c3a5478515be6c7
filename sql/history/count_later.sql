-- Of how many rows later runs have replaced the version that the transaction $1 wrote.
SELECT count(*) AS keys
  FROM {later}
 WHERE was = $1
