-- How many people hold a manager's title, on average over the titles whose name contains "manager". Those that are only
-- named as related have no count and do not take part.

CREATE OR REPLACE VIEW datawarehouse.average_manager_count AS
SELECT count(*) AS manager_titles,
       avg(j.pdl_count) AS average_pdl_count
  FROM datawarehouse.job_titles AS j
  JOIN datawarehouse.titles AS t ON t.id = j.title_id
 WHERE t.name ILIKE '%manager%';
