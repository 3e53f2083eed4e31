WITH form AS (
    SELECT
        *,
        counted AND computed_rate_pct IS NOT NULL AS has_amounts,
        counted AND total_score IS NOT NULL AND coalesce(total_weight, 100) = 100 AS has_score
    FROM v_project
)
SELECT
    region_code,
    department,
    unit,
    fiscal_year,
    count(*) FILTER (counted)::INTEGER AS form_count,
    count(*) FILTER (NOT counted)::INTEGER AS set_aside_count,
    count(*) FILTER (has_amounts)::INTEGER AS amount_count,
    sum(budget_adjusted_yuan) FILTER (has_amounts) AS budget_adjusted_yuan,
    sum(executed_yuan) FILTER (has_amounts) AS executed_yuan,
    v_rate_pct(
        sum(executed_yuan) FILTER (has_amounts), sum(budget_adjusted_yuan) FILTER (has_amounts)
    ) AS computed_rate_pct,
    min(computed_rate_pct) FILTER (counted) AS lowest_rate_pct,
    count(*) FILTER (counted AND computed_rate_pct < 80)::INTEGER AS low_rate_count,
    count(*) FILTER (has_score)::INTEGER AS score_count,
    sum(total_score) FILTER (has_score) AS score_sum,
    round(avg(total_score) FILTER (has_score), 2) AS mean_score,
    min(total_score) FILTER (has_score) AS lowest_score
FROM form
GROUP BY region_code, department, unit, fiscal_year
