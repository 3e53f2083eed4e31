WITH form AS (
    SELECT
        p.region_code, f.department, f.unit, p.fiscal_year, p.budget_adjusted_yuan, p.executed_yuan, p.total_score,
        f.computed_rate_pct, f.counted, f.error_count, f.warning_count,
        f.counted AND f.computed_rate_pct IS NOT NULL AS has_amounts,
        f.counted AND p.total_score IS NOT NULL AND coalesce(p.total_weight, 100) = 100 AS has_score
    FROM project AS p
    JOIN v_form AS f USING (form_id)
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
    min(total_score) FILTER (has_score) AS lowest_score,
    coalesce(sum(error_count) FILTER (counted), 0)::INTEGER AS error_count,
    coalesce(sum(warning_count) FILTER (counted), 0)::INTEGER AS warning_count
FROM form
GROUP BY region_code, department, unit, fiscal_year
