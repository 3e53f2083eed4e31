SELECT
    fiscal_year, region_code, unit, project_name, level2, level3, target_text, actual_text, met, attainment_pct, weight, score,
    form_id, indicator_no
FROM v_indicator
WHERE counted AND contains(level3, word)
ORDER BY region_code, unit, project_name, fiscal_year, indicator_no
