SELECT
    series_id,
    arg_max(project_name, fiscal_year) AS series_name,
    arg_max(region_code, fiscal_year) AS region_code,
    arg_max(department, fiscal_year) AS department,
    arg_max(unit, fiscal_year) AS unit,
    min(fiscal_year) AS first_year,
    max(fiscal_year) AS last_year,
    count(*)::INTEGER AS year_count,
    (max(fiscal_year) - min(fiscal_year) + 1 - count(*))::INTEGER AS missing_year_count,
    count(DISTINCT project_name)::INTEGER AS name_count,
    min(computed_rate_pct) AS lowest_rate_pct,
    max(computed_rate_pct) AS highest_rate_pct,
    min(total_score) AS lowest_score,
    max(total_score) AS highest_score,
    string_agg(
        fiscal_year || ' ' || coalesce(total_score::DOUBLE::VARCHAR, '—') || '分 '
            || coalesce(computed_rate_pct || '%', '—'),
        '；' ORDER BY fiscal_year
    ) AS history
FROM v_series_year
GROUP BY series_id
ORDER BY series_id
