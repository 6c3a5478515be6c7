-- How many rows --sync may delete, and how many it keeps because their key holds a NULL.
SELECT count(*) FILTER (WHERE {has_key}) AS scope,
       count(*) FILTER (WHERE NOT {has_key}) AS keyless
  FROM {target}
 WHERE {condition}
