-- The schemas and tables. Runs before each merge, and creates what is missing.

CREATE SCHEMA IF NOT EXISTS staging; -- for the file as it is, loaded by dasy
CREATE SCHEMA IF NOT EXISTS datawarehouse;

-- The look-up table: each title once, whether it has a record or is only related to a title that has one.
CREATE TABLE IF NOT EXISTS datawarehouse.titles (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- The titles that have a record.
CREATE TABLE IF NOT EXISTS datawarehouse.job_titles (
  title_id integer PRIMARY KEY REFERENCES datawarehouse.titles,
  pdl_count bigint,
  first_run bigint NOT NULL -- the number of the dasy run that first loaded it: see "dasy runs"
);

-- Each related title once per job title. The rank is the number of the first column that names it.
CREATE TABLE IF NOT EXISTS datawarehouse.related_titles (
  job_title_id integer NOT NULL REFERENCES datawarehouse.job_titles,
  related_title_id integer NOT NULL REFERENCES datawarehouse.titles,
  rank smallint NOT NULL,
  PRIMARY KEY (job_title_id, related_title_id)
);

-- For queries by related title, and for the foreign key, which would otherwise read the whole table.
CREATE INDEX IF NOT EXISTS related_titles_related_title_id_idx
    ON datawarehouse.related_titles (related_title_id);
