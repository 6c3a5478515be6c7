-- Where everything is. Runs before each merge, and makes what is missing.

CREATE SCHEMA IF NOT EXISTS staging; -- the file as it is, by dasy
CREATE SCHEMA IF NOT EXISTS datawarehouse;

-- The look-up table: each title once, whether it has a record of its own or is only related to one that has.
CREATE TABLE IF NOT EXISTS datawarehouse.titles (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- The titles that have a record.
CREATE TABLE IF NOT EXISTS datawarehouse.job_titles (
  title_id integer PRIMARY KEY REFERENCES datawarehouse.titles,
  pdl_count bigint,
  first_run bigint NOT NULL -- of dasy, which brought it: see "dasy runs"
);

-- Each related title once per job title. The rank is the number of the first column that names it.
CREATE TABLE IF NOT EXISTS datawarehouse.related_titles (
  job_title_id integer NOT NULL REFERENCES datawarehouse.job_titles,
  related_title_id integer NOT NULL REFERENCES datawarehouse.titles,
  rank smallint NOT NULL,
  PRIMARY KEY (job_title_id, related_title_id)
);

-- Who asks which titles name this one, and the foreign key, would read the whole table otherwise.
CREATE INDEX IF NOT EXISTS related_titles_related_title_id_idx
    ON datawarehouse.related_titles (related_title_id);
