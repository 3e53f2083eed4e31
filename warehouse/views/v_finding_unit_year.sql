SELECT
    region_code,
    department,
    unit,
    fiscal_year,
    count(*)::INTEGER AS form_count,
    sum(error_count)::INTEGER AS error_count,
    sum(warning_count)::INTEGER AS warning_count,
    sum(finding_count - error_count - warning_count)::INTEGER AS info_count,
    count(*) FILTER (error_count > 0)::INTEGER AS form_with_error_count,
    round(sum(error_count + warning_count) / count(*), 2) AS per_form
FROM project AS p
JOIN v_form AS f USING (form_id)
WHERE f.counted
GROUP BY region_code, department, unit, fiscal_year
