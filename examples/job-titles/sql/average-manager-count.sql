-- The number of titles whose name contains "manager", and the mean number of people with such a title. Titles that are
-- only related to others have no count and are left out.

CREATE OR REPLACE VIEW datawarehouse.average_manager_count AS
SELECT count(*) AS manager_titles,
       avg(j.pdl_count) AS average_pdl_count
  FROM datawarehouse.job_titles AS j
  JOIN datawarehouse.titles AS t ON t.id = j.title_id
 WHERE t.name ILIKE '%manager%';
