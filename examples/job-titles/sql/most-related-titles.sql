-- The ten titles with the most related titles. Among equals, those with more people come first, then by name.

CREATE OR REPLACE VIEW datawarehouse.most_related_titles AS
SELECT t.name AS title,
       count(*) AS related_titles,
       j.pdl_count
  FROM datawarehouse.related_titles AS r
  JOIN datawarehouse.job_titles AS j ON j.title_id = r.job_title_id
  JOIN datawarehouse.titles AS t ON t.id = j.title_id
 GROUP BY t.id, j.title_id
 ORDER BY count(*) DESC, j.pdl_count DESC NULLS LAST, t.name
 LIMIT 10;
