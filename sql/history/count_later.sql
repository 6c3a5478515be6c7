-- Of how many keys later runs have replaced the version that the transaction $1 wrote.
SELECT count(*) AS keys
  FROM (
         SELECT (array_agg(was ORDER BY run))[1] AS first
           FROM {later}
          GROUP BY hash, key
       ) AS touched
 WHERE first = $1
