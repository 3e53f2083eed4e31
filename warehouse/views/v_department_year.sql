SELECT
    region_code,
    department,
    fiscal_year,
    sum(form_count)::INTEGER AS form_count,
    sum(set_aside_count)::INTEGER AS set_aside_count,
    sum(amount_count)::INTEGER AS amount_count,
    sum(budget_adjusted_yuan) AS budget_adjusted_yuan,
    sum(executed_yuan) AS executed_yuan,
    v_rate_pct(sum(executed_yuan), sum(budget_adjusted_yuan)) AS computed_rate_pct,
    min(lowest_rate_pct) AS lowest_rate_pct,
    sum(low_rate_count)::INTEGER AS low_rate_count,
    sum(score_count)::INTEGER AS score_count,
    sum(score_sum) AS score_sum,
    round(sum(score_sum) / sum(score_count), 2) AS mean_score,
    min(lowest_score) AS lowest_score,
    sum(error_count)::INTEGER AS error_count,
    sum(warning_count)::INTEGER AS warning_count
FROM v_unit_year
GROUP BY region_code, department, fiscal_year
