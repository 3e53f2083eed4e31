-- Checks across years, along the series: check_year pairs each self-evaluation with the one of the series' year before.

-- X_CODE_REUSED
SELECT form_id, 'project_code' AS field, project_name AS printed, other_name AS expected,
    '项目编码 ' || project_code || ' 在 ' || other_year || ' 年属「' || other_name || '」，本年属「' || project_name || '」，名称和单位都不同，请核对编码。' AS message
FROM check_code_reused;

-- X_PROJECT_RENAMED
SELECT y.form_id, 'project_name' AS field, f.project_name AS printed, p.project_name AS expected,
    '项目名称由 ' || p.fiscal_year || ' 年的「' || p.project_name || '」改为「' || f.project_name || '」，请确认为同一项目。' || y.link_note AS message, y.link_verdict AS verdict
FROM check_year AS y JOIN check_form AS f ON f.form_id = y.form_id JOIN check_form AS p ON p.form_id = y.previous_id
WHERE project_stem(f.project_name) <> project_stem(p.project_name);

-- X_UNIT_RENAMED
SELECT y.form_id, 'unit_name' AS field, f.unit_name AS printed, p.unit_name AS expected,
    '实施单位由 ' || p.fiscal_year || ' 年的「' || p.unit_name || '」变为「' || f.unit_name || '」，请确认单位沿革。' || y.link_note AS message, y.link_verdict AS verdict
FROM check_year AS y JOIN check_form AS f ON f.form_id = y.form_id JOIN check_form AS p ON p.form_id = y.previous_id
WHERE f.unit_key <> p.unit_key AND NOT EXISTS (
    FROM organisation AS o WHERE (o.unit_name = f.unit_name OR list_contains(o.aliases, f.unit_name)) AND (o.unit_name = p.unit_name OR list_contains(o.aliases, p.unit_name))
);

-- X_YEAR_GAP
SELECT form_id, 'fiscal_year' AS field, fiscal_year::VARCHAR AS printed, (fiscal_year - years_between)::VARCHAR AS expected,
    '本项目上一张自评表为 ' || (fiscal_year - years_between) || ' 年，其间缺 ' || (years_between - 1) || ' 年，请核对项目是否中断。' || link_note AS message, link_verdict AS verdict
FROM check_year WHERE years_between > 2;

-- X_FORM_MISSING
SELECT form_id, 'fiscal_year' AS field, fiscal_year::VARCHAR AS printed, (fiscal_year - 1)::VARCHAR AS expected,
    '本项目 ' || (fiscal_year - 2) || ' 年和 ' || fiscal_year || ' 年都有自评表，缺 ' || (fiscal_year - 1) || ' 年的表，请补收。' || link_note AS message, link_verdict AS verdict
FROM check_year WHERE years_between = 2;

-- X_TARGET_LOWERED
-- Not where the budget fell with it, by at least 80 % of its fall, nor a change below 5 %.
WITH moved AS (
    SELECT c.*, abs(c.target_value - c.previous.target_value) / nullif(abs(c.previous.target_value), 0) AS move,
        coalesce((p.budget_yuan - f.budget_yuan) / nullif(p.budget_yuan, 0), 0) AS cut
    FROM check_pair AS c JOIN check_form AS f ON f.form_id = c.form_id JOIN check_form AS p ON p.form_id = c.previous_id
)
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, previous.target_text AS expected,
    label || '的目标由 ' || (fiscal_year - years_between) || ' 年的「' || previous.target_text || '」放宽为「' || target_text || '」，请说明理由。' || link_note AS message, link_verdict AS verdict
FROM moved
WHERE target_unit IS NOT DISTINCT FROM previous.target_unit AND target_kind = previous.target_kind AND target_kind <> 'money' AND NOT is_cost
    AND target_operator IS NOT DISTINCT FROM previous.target_operator AND coalesce(move * 100 >= getvariable('t_lowered_pct'), true)
    AND cut * 100 < move * getvariable('t_lowered_with_budget_pct') AND (
        (target_operator IN ('>=', '>') OR contains(compare_basis, 'bare_target')) AND target_value < previous.target_value
        OR (target_operator IN ('<=', '<') OR contains(compare_basis, 'bare_down')) AND target_value > previous.target_value
    );

-- X_TARGET_BELOW_LAST_ACTUAL
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, previous.actual_text AS expected,
    label || '的目标「' || target_text || '」低于 ' || (fiscal_year - years_between) || ' 年实际值「' || previous.actual_text || '」的 '
        || getvariable('t_below_last_actual_pct') || '%，目标可能偏低。' || link_note AS message, link_verdict AS verdict
FROM check_pair
WHERE target_kind <> 'money' AND NOT is_cost AND target_unit IS NOT DISTINCT FROM coalesce(previous.actual_unit, previous.target_unit)
    AND (target_operator IS NULL OR target_operator IN ('>=', '>')) AND previous.actual_operator IS NULL AND previous.actual_value > 0
    AND previous.compare_basis NOT LIKE '%ratio_from_decimal%'
    AND target_value * 100 < previous.actual_value * getvariable('t_below_last_actual_pct');

-- X_TARGET_FROZEN
SELECT a.form_id, a.indicator_no, 'target_text' AS field, a.target_text AS printed,
    a.label || '的目标「' || a.target_text || '」连续三年逐字相同，请结合实际完成情况调整。' || a.link_note AS message, a.link_verdict AS verdict
FROM check_pair AS a
JOIN check_pair AS b ON b.form_id = a.previous_id AND b.level2_key = a.level2_key AND b.name_key = a.name_key
WHERE a.years_between = 1 AND b.years_between = 1 AND a.target_value <> 0
    AND a.target_text = a.previous.target_text AND a.target_text = b.previous.target_text AND NOT (a.target_kind = 'ratio' AND a.target_value >= 99)
    AND NOT (a.target_operator IN ('<=', '<') AND a.target_value <= 2);

-- X_WEIGHT_DRIFT
SELECT form_id, indicator_no, 'weight' AS field, num(weight) AS printed, num(previous.weight) AS expected,
    label || '的权重由 ' || (fiscal_year - years_between) || ' 年的 ' || num(previous.weight) || ' 分变为 ' || num(weight) || ' 分，请核对调整理由。' || link_note AS message, link_verdict AS verdict
FROM check_pair WHERE abs(weight - previous.weight) > getvariable('t_weight_drift_points');

-- X_INDICATOR_DROPPED_AFTER_MISS
SELECT y.form_id, 'level3' AS field, o.level3 AS expected,
    (y.fiscal_year - y.years_between) || ' 年未完成的指标「' || short(o.level3, 40) || '」（目标「' || o.target_text || '」，实际「' || o.actual_text
        || '」）今年不再设置，请核对取消的理由。' || y.link_note AS message, y.link_verdict AS verdict
FROM check_year AS y JOIN check_keyed AS o ON o.form_id = y.previous_id AND NOT o.met
ANTI JOIN check_keyed AS n ON n.form_id = y.form_id AND n.name_key = o.name_key;

-- X_LOW_EXECUTION_REPEATED
SELECT y.form_id, 'execution_rate_pct' AS field, dec2(half_up(f.executed_c * 10000, f.budget_c)) AS printed, '≥ ' || getvariable('t_low_execution_warning_pct') AS expected,
    '本项目连续两年执行率低于 ' || getvariable('t_low_execution_warning_pct') || '%（上年 ' || dec2(half_up(p.executed_c * 10000, p.budget_c)) || '%，本年 '
        || dec2(half_up(f.executed_c * 10000, f.budget_c)) || '%），而预算未减。' || y.link_note AS message, y.link_verdict AS verdict
FROM check_year AS y JOIN check_form AS f ON f.form_id = y.form_id JOIN check_form AS p ON p.form_id = y.previous_id
WHERE y.years_between = 1 AND f.budget_c > 0 AND p.budget_c > 0 AND f.executed_c >= 0 AND p.executed_c >= 0 AND f.budget_c >= p.budget_c
    AND f.executed_c * 100 < f.budget_c * getvariable('t_low_execution_warning_pct') AND p.executed_c * 100 < p.budget_c * getvariable('t_low_execution_warning_pct');

-- X_BUDGET_JUMP
SELECT y.form_id, 'budget_adjusted_yuan' AS field, num(f.budget_yuan) AS printed, num(p.budget_yuan) AS expected,
    '预算由 ' || p.fiscal_year || ' 年的 ' || yuan(p.budget_yuan, p.money_unit) || '变为 ' || yuan(f.budget_yuan, f.money_unit) || '，变动超过 ' || getvariable('t_budget_jump_pct') || '%。' || y.link_note AS message, y.link_verdict AS verdict
FROM check_year AS y JOIN check_form AS f ON f.form_id = y.form_id JOIN check_form AS p ON p.form_id = y.previous_id
WHERE y.years_between = 1 AND p.budget_c > 0 AND abs(f.budget_c - p.budget_c) * 100 > p.budget_c * getvariable('t_budget_jump_pct');

-- X_NARRATIVE_REUSED
SELECT c.form_id, 'goal_actual' AS field, left(f.goal_actual, 200) AS printed,
    '实际完成情况与 ' || o.fiscal_year || ' 年「' || coalesce(o.project_name, '') || '」的相似度为 ' || c.ratio || '%，可能沿用旧文，请写当年情况。' || coalesce(y.link_note, '') AS message, y.link_verdict AS verdict
FROM check_reused AS c JOIN check_form AS f ON f.form_id = c.form_id JOIN check_form AS o ON o.form_id = c.other_id
LEFT JOIN check_year AS y ON y.form_id = c.form_id AND y.previous_id = c.other_id;

-- X_ALWAYS_FULL
WITH full_marks AS (
    SELECT form_id FROM check_points WHERE weighted_rows > 2 AND other_weights > 0 AND other_scores = other_weights
)
SELECT form_id, 'score' AS field, '连续三年' AS printed, '本项目连续三年在资金以外得满分，请核对评分依据。' || y.link_note AS message, coalesce(y.link_verdict, e.link_verdict) AS verdict
FROM check_year AS y JOIN (SELECT form_id AS previous_id, link_verdict FROM check_year) AS e USING (previous_id)
WHERE years_between = 1 AND years_between_earlier = 2
    AND form_id IN (FROM full_marks) AND previous_id IN (FROM full_marks) AND earlier_id IN (FROM full_marks);
