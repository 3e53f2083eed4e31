SELECT *
FROM v_series_year
WHERE series_id IN (
    SELECT series_id FROM project
    WHERE series_id = word OR project_code = word OR contains(project_name, word)
)
ORDER BY series_id, fiscal_year
