-- Checks of the money of a form. Amounts in 元; *_c are whole 分, so that comparisons are exact.

-- FUND_VALUE_INVALID
SELECT form_id, measure AS field, num(amount) AS printed, '≥ 0' AS expected,
    '「' || label || '」的金额 ' || yuan(amount, money_unit) || '为负数，金额应不小于 0。' AS message, NULL AS verdict
FROM check_amount WHERE amount < 0
UNION ALL
SELECT f.form_id, NULL, p.text, '金额', '金额「' || coalesce(p.text, '') || '」读不成数，请对照原件。', 'reader'
FROM problem AS p JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
WHERE p.code = 'BAD_VALUE' AND starts_with(p.message, '金额')

-- FUND_UNIT_UNKNOWN
SELECT f.form_id, 'money_unit' AS field, p.text AS printed, '元或万元' AS expected,
    '表上没有印金额单位，' || coalesce('金额（如「' || p.text || '」）', '金额') || '按推断读取或留空，请对照原件。' AS message, 'reader' AS verdict
FROM problem AS p JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
WHERE p.code = 'MONEY_UNIT_MISSING'
UNION ALL
SELECT form_id, 'money_unit', num(budget) || ' 元', getvariable('t_amount_min_yuan') || '–' || most || ' 元',
    '预算总额读作 ' || yuan(budget, money_unit) || '，' || CASE WHEN budget > most THEN '大于' || place || '一个项目通常的 ' || num((most / 100000000)::DECIMAL(18, 4)) || ' 亿元'
        ELSE '不足 ' || getvariable('t_amount_min_yuan') || ' 元' END || '，请核对金额单位' || coalesce('（所印为' || money_unit || '）', '（表上未印）') || '。', NULL
FROM (
    SELECT *, greatest(budget_adjusted_yuan, budget_initial_yuan) AS budget,
        coalesce(region_code, CASE WHEN regexp_full_match(project_code, getvariable('w_project_code')) THEN left(project_code, 6) END) AS seat,
        CASE WHEN regexp_matches(seat, '^\d{4}(0[1-9]|[1-9]\d)$') THEN '区县' WHEN regexp_matches(seat, '^\d{2}(0[1-9]|[1-9]\d)00$') THEN '地市' ELSE '' END AS place,
        CASE place WHEN '区县' THEN getvariable('t_amount_max_county_yuan') WHEN '地市' THEN getvariable('t_amount_max_prefecture_yuan') ELSE getvariable('t_amount_max_yuan') END AS most
    FROM check_form WHERE form_kind <> 'department'
)
WHERE budget > 0 AND NOT budget BETWEEN getvariable('t_amount_min_yuan') AND most;

-- FUND_SUM_MISMATCH
-- Sources nest (check_source): central and local money may lie beside or below 财政拨款, funds of government below it. A column is wrong
-- when none of the readings of its nesting gives the total; a single source is only wrong when it exceeds the total. In the
-- column of executed money 结转 may be what is left for the next year.
WITH parts AS (
    SELECT
        form_id, measure, any_value(money_unit) AS money_unit,
        any_value(amount) FILTER (source = 'total') AS total,
        count(*) FILTER (kind <> 'total') AS sources,
        coalesce(sum(amount) FILTER (kind = 'fund'), 0) AS kinds,
        coalesce(sum(amount) FILTER (kind = 'fund' AND within IS NOT NULL), 0) AS funds,
        coalesce(sum(amount) FILTER (kind = 'level'), 0) AS levels,
        coalesce(sum(amount) FILTER (kind = 'use'), 0) AS uses,
        coalesce(sum(amount) FILTER (holds), 0) AS fiscal,
        sum(amount) FILTER (source = 'carryover') AS carryover,
        count(*) FILTER (holds) > 0 AND count(*) FILTER (kind = 'level') > 0 AS may_nest,
        count(*) FILTER (kind IN ('fund', 'level')) > 0 AS has_kinds,
        count(*) FILTER (kind = 'use') > 0 AS has_uses, count(*) FILTER (kind = 'level') > 1 AS has_levels,
        any_value(label) FILTER (holds) AS holder,
        bool_and(amount % 1000 = 0) AS to_tenths, bool_and(amount % 10000 = 0) AS whole  -- 万元 printed with one decimal are rounded to it
    FROM check_amount JOIN check_source USING (source) GROUP BY form_id, measure
),
summed AS (
    SELECT *, CASE WHEN money_unit = '万元' THEN CASE WHEN to_tenths AND NOT whole THEN 1000 ELSE 100 END ELSE 0.01 END::DECIMAL(9, 2) AS tolerance,
        list_filter([
            CASE WHEN has_kinds THEN kinds + levels END,
            CASE WHEN may_nest THEN kinds END,
            CASE WHEN may_nest THEN kinds + levels - fiscal END,
            CASE WHEN funds > 0 AND fiscal > 0 THEN kinds + levels - funds END,
            CASE WHEN has_uses THEN uses END,
            CASE WHEN measure = 'executed_yuan' AND carryover = budget_yuan - total THEN kinds + levels - carryover END
        ], lambda x: x IS NOT NULL) AS sums
    FROM parts JOIN (SELECT form_id, budget_yuan FROM check_form) USING (form_id) WHERE total IS NOT NULL AND sources > 0
),
unequal AS MATERIALIZED (
    SELECT * FROM summed WHERE len(list_filter(sums, lambda x: abs(x - total) <= tolerance)) = 0 AND (sources > 1 OR sums[1] > total)
),
nested AS (  -- what lies below 财政拨款 and gives it in another column of the form
    SELECT *, abs(levels - fiscal) <= tolerance AS agrees, bool_or(agrees AND levels > 0) OVER (PARTITION BY form_id) AS agrees_elsewhere
    FROM summed WHERE may_nest AND has_levels AND funds = 0 AND fiscal > 0 AND abs(kinds - total) <= tolerance AND levels > 0
),
below AS MATERIALIZED (SELECT * FROM nested WHERE NOT agrees AND agrees_elsewhere AND form_id NOT IN (SELECT form_id FROM unequal)),
listed AS (  -- the amounts in words, only of what is told
    SELECT form_id, measure, string_agg(said, '＋' ORDER BY source_no) FILTER (kind = 'level') AS listed_levels,
        coalesce(string_agg(said, '＋' ORDER BY source_no) FILTER (kind IN ('fund', 'level')), string_agg(said, '＋' ORDER BY source_no) FILTER (kind = 'use')) AS listed
    FROM (
        SELECT form_id, measure, kind, source_no, label || ' ' || in_unit(amount, money_unit) AS said FROM check_amount JOIN check_source USING (source)
        SEMI JOIN (SELECT form_id, measure FROM unequal UNION ALL SELECT form_id, measure FROM below) AS told USING (form_id, measure)
    )
    GROUP BY form_id, measure
)
SELECT form_id, min_by(measure, place) AS field, num(min_by(total, place)) AS printed, num(min_by(due, place)) AS expected,
    '年度资金总额的' || string_agg(labels || ' ' || yuan(total, money_unit) || '与各项之和 ' || yuan(due, money_unit) || '（' || listed || '）不符', '，' ORDER BY place) || '，请核对各行金额。' AS message,
    NULL AS verdict
FROM (
    -- columns of the same figures are told together
    SELECT form_id, money_unit, total, sums[1] AS due, listed, min(place) AS place, min_by(measure, place) AS measure, string_agg(m.label, '、' ORDER BY place) AS labels
    FROM unequal JOIN listed USING (form_id, measure) JOIN check_measure AS m USING (measure) GROUP BY ALL
) GROUP BY form_id
UNION ALL
SELECT form_id, min_by(measure, place), num(min_by(fiscal, place)), num(min_by(levels, place)),
    string_agg('「' || holder || '」的' || m.label || ' ' || yuan(fiscal, money_unit) || '与其中各项之和 ' || yuan(levels, money_unit) || '（' || listed_levels || '）不符', '，' ORDER BY place)
        || '，请核对各行金额。', NULL
FROM below JOIN listed USING (form_id, measure) JOIN check_measure AS m USING (measure) GROUP BY form_id
UNION ALL
-- a total below a list of tasks that the rows above it do not give: the reader left it out and says so
SELECT f.form_id, NULL, p.text, regexp_extract(p.message, '各行之和 ([\d.]+)', 1), rtrim(split_part(p.message, '，', 1), '。') || '，请核对各行金额。', 'reader'
FROM problem AS p JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
WHERE regexp_matches(p.message, '与其上各行之和 [\d.]+ 不符') AND f.form_id NOT IN (SELECT form_id FROM unequal);

-- FUND_RATE_MISMATCH
-- The rate of a monitoring form may be of another sum (what is expected of the year): a remark.
SELECT form_id, CASE WHEN evaluated THEN 'error' ELSE 'warning' END AS severity, 'execution_rate_pct' AS field, rate_text AS printed, dec2(true_c) AS expected,
    '执行率所印 ' || num(rate) || '% 与全年执行数 ' || yuan(executed_yuan, money_unit) || '÷预算数 ' || yuan(budget_yuan, money_unit) || '＝' || dec2(true_c) || '% 不符，请核对。' AS message,
    CASE WHEN NOT evaluated THEN 'none' END AS verdict
FROM check_rate WHERE NOT as_printed AND NOT to_cents AND NOT by_initial;

-- FUND_RATE_FALSE_PRECISION
SELECT form_id, 'execution_rate_pct' AS field, rate_text AS printed, true4 AS expected,
    '执行率印到 ' || decimals || ' 位小数「' || rate_text || '」，而按金额计算为 ' || true4 || '，只有前两位小数准确。' AS message
FROM check_rate WHERE evaluated AND NOT as_printed AND to_cents AND decimals > 2;

-- FUND_RATE_BASIS_INITIAL
SELECT form_id, 'execution_rate_pct' AS field, rate_text AS printed, dec2(true_c) AS expected,
    '执行率所印 ' || num(rate) || '% 是执行数÷年初预算数，按全年预算数应为 ' || dec2(true_c) || '%。' AS message
FROM check_rate WHERE evaluated AND NOT as_printed AND NOT to_cents AND by_initial;

-- FUND_OVER_EXECUTED
-- What carried-over money that the budget leaves out explains is no contradiction.
SELECT check_form.form_id, 'executed_yuan' AS field, num(executed_yuan) AS printed, '≤ ' || num(budget_yuan) AS expected,
    CASE WHEN evaluated THEN '全年' ELSE '' END || '执行数 ' || yuan(executed_yuan, money_unit) || '超过' || CASE WHEN budget_adjusted_yuan IS NULL THEN '年初' ELSE '全年' END || '预算数 ' || yuan(budget_yuan, money_unit)
        || CASE WHEN carried IS NULL THEN '，请核对两数，确有追加的请更新全年预算数。' ELSE '，超出的是预算数未列入的上年结转资金，请把它列入全年预算数。' END AS message, CASE WHEN carried IS NOT NULL THEN 'none' END AS verdict
FROM check_form LEFT JOIN (
    SELECT form_id, executed_yuan - coalesce(adjusted_yuan, initial_yuan, 0) AS carried FROM funding WHERE source = 'carryover'
) AS c ON c.form_id = check_form.form_id AND c.carried >= executed_yuan - budget_yuan - 0.01
WHERE (evaluated OR form_kind = 'monitoring') AND budget_yuan > 0 AND executed_yuan > budget_yuan + 0.01;

-- FUND_ZERO_BUDGET
SELECT form_id, 'budget_adjusted_yuan' AS field, '0' AS printed, '> 0' AS expected,
    '年度资金总额的预算数为 0，却印有' || concat_ws('、', CASE WHEN executed_yuan > 0 THEN '执行数 ' || yuan(executed_yuan, money_unit) END,
        CASE WHEN execution_rate_pct <> 0 THEN '执行率 ' || num(execution_rate_pct) || '%' END, CASE WHEN execution_score <> 0 THEN '执行得分 ' || num(execution_score) END) || '，请核对总额行。' AS message
FROM check_form
WHERE evaluated AND budget_yuan = 0 AND (coalesce(executed_yuan, 0) > 0 OR coalesce(execution_rate_pct, 0) <> 0 OR coalesce(execution_score, 0) <> 0);

-- FUND_WEIGHT_NOT_10
SELECT form_id, 'execution_weight' AS field, num(execution_weight) AS printed, '10' AS expected,
    '预算执行率权重为 ' || num(execution_weight) || ' 分，通常为 10 分，请核对当地规定。' AS message
FROM check_form WHERE form_kind = 'self_evaluation' AND execution_weight <> 10 AND NOT (execution_weight = 0 AND coalesce(budget_yuan, 0) = 0);

-- FUND_SCORE_MISMATCH
WITH due AS (
    SELECT *, least(half_up((execution_weight * 10000)::HUGEINT * executed_c, budget_c * 100), (execution_weight * 100)::HUGEINT) AS due_c,
        least(half_up((execution_weight * 10000)::HUGEINT * (execution_rate_pct * 1000000)::HUGEINT, 10000000000), (execution_weight * 100)::HUGEINT) AS by_rate_c
    FROM check_form LEFT JOIN check_printed USING (form_id)
    WHERE evaluated AND budget_c > 0 AND executed_c >= 0 AND execution_score <= execution_weight
)
SELECT form_id, 'execution_score' AS field, num(execution_score) AS printed, dec2(due_c) AS expected,
    '预算执行得分 ' || num(execution_score) || ' 与按执行率计算的 ' || dec2(due_c) || ' 不符（权重 ' || num(execution_weight) || '，执行数 '
        || yuan(executed_yuan, money_unit) || '，预算数 ' || yuan(budget_yuan, money_unit) || '）。' AS message
FROM due
WHERE abs((execution_score * 100)::HUGEINT - due_c) > 1 AND (by_rate_c IS NULL OR abs((execution_score * 100)::HUGEINT - by_rate_c) > 1)
    AND (score_text IS NULL OR decimals_of(score_text) <> 1 OR (execution_score * 100)::HUGEINT <> half_up(due_c, 10) * 10);

-- FUND_SCORE_GT_WEIGHT
SELECT form_id, 'execution_score' AS field, num(execution_score) AS printed, '≤ ' || num(execution_weight) AS expected,
    '预算执行得分 ' || num(execution_score) || ' 超过权重 ' || num(execution_weight) || '，得分最高不超过权重。' AS message
FROM check_form WHERE evaluated AND execution_score > execution_weight;

-- FUND_ADJUSTED_UNEXPLAINED
WITH changed AS (
    SELECT *, budget_adjusted_yuan - budget_initial_yuan AS change_yuan, hundredths(budget_initial_yuan) AS initial_c,
        abs(hundredths(budget_adjusted_yuan) - hundredths(budget_initial_yuan)) AS change_c
    FROM check_form WHERE evaluated AND budget_initial_yuan > 0 AND budget_adjusted_yuan >= 0 AND budget_adjusted_yuan <> budget_initial_yuan
)
SELECT form_id, CASE WHEN change_c * 100 >= initial_c * getvariable('t_adjusted_warning_pct') THEN 'warning' ELSE 'info' END AS severity,
    'budget_adjusted_yuan' AS field, num(budget_adjusted_yuan) AS printed, num(budget_initial_yuan) AS expected,
    '全年预算数 ' || yuan(budget_adjusted_yuan, money_unit) || '比年初预算数 ' || yuan(budget_initial_yuan, money_unit) || CASE WHEN change_yuan > 0 THEN '增加 ' ELSE '减少 ' END
        || dec2(half_up(change_c * 10000, initial_c)) || '%，表中没有说明调整的原因，请补充说明。' AS message
FROM changed WHERE NOT tells_adjustment;

-- FUND_ADJUSTMENT_LIFTS_RATE
WITH cut AS (
    SELECT *, half_up(executed_c * 10000, hundredths(budget_initial_yuan)) AS before_c, half_up(executed_c * 10000, budget_c) AS after_c
    FROM check_form WHERE evaluated AND budget_adjusted_yuan > 0 AND budget_adjusted_yuan < budget_initial_yuan AND executed_c >= 0
)
SELECT form_id, CASE WHEN tells_adjustment THEN 'info' ELSE 'warning' END AS severity, 'execution_rate_pct' AS field, dec2(after_c) AS printed, dec2(before_c) AS expected,
    '预算调减 ' || yuan(budget_initial_yuan - budget_adjusted_yuan, money_unit) || '，使执行率由 ' || dec2(before_c) || '% 提高到 ' || dec2(after_c)
        || '%，请核对调减的原因和时间。' AS message
FROM cut WHERE after_c - before_c >= 100 * getvariable('t_adjustment_lift_pp');

-- FUND_LOW_EXECUTION_UNEXPLAINED
-- The form has no cell for it. What a reason or a note of problems says of money or progress may be the reason, so that it is quoted and no error.
WITH low AS (
    SELECT *, half_up(executed_c * 10000, budget_c) AS rate_c FROM check_form WHERE evaluated AND budget_c > 0 AND executed_c >= 0
)
SELECT form_id,
    CASE WHEN executed_c * 100 < budget_c * getvariable('t_low_execution_error_pct') AND execution_hint IS NULL THEN 'error'
        WHEN executed_c * 100 < budget_c * getvariable('t_low_execution_warning_pct') THEN 'warning' ELSE 'info' END AS severity,
    'execution_rate_pct' AS field, coalesce(num(execution_rate_pct), dec2(rate_c)) AS printed, '≥ ' || getvariable('t_low_execution_info_pct') AS expected,
    '预算执行率为 ' || dec2(rate_c) || '%（执行 ' || yuan(executed_yuan, money_unit) || '，预算 ' || yuan(budget_yuan, money_unit) || '），低于 '
        || CASE WHEN executed_c * 100 < budget_c * getvariable('t_low_execution_error_pct') THEN getvariable('t_low_execution_error_pct')
            WHEN executed_c * 100 < budget_c * getvariable('t_low_execution_warning_pct') THEN getvariable('t_low_execution_warning_pct')
            ELSE getvariable('t_low_execution_info_pct') END || '%，' || coalesce('表中没有专门说明原因（只写有「' || short(execution_hint, 60) || '」）', '表中没有说明原因') || '，请补充执行率低的原因和改进措施。' AS message
FROM low WHERE executed_c * 100 < budget_c * getvariable('t_low_execution_info_pct') AND NOT tells_execution;

-- FUND_CARRYOVER_INCONSISTENT
WITH carried AS (
    SELECT y.form_id, y.previous_id, y.link_verdict, y.link_note, greatest(coalesce(a.adjusted_yuan, 0), coalesce(a.initial_yuan, 0)) AS carryover
    FROM check_year AS y JOIN funding AS a ON a.form_id = y.form_id AND a.source = 'carryover' WHERE y.years_between = 1
)
SELECT c.form_id, 'adjusted_yuan' AS field, num(c.carryover) AS printed, num(p.budget_yuan - p.executed_yuan) AS expected,
    '上年结转 ' || yuan(c.carryover, p.money_unit) || '多于上年结余 ' || yuan(p.budget_yuan - p.executed_yuan, p.money_unit) || '（上年预算 ' || yuan(p.budget_yuan, p.money_unit) || '，执行 '
        || yuan(p.executed_yuan, p.money_unit) || '），请核对两年的表。' || c.link_note AS message, c.link_verdict AS verdict
FROM carried AS c JOIN check_form AS p ON p.form_id = c.previous_id
WHERE c.carryover > greatest(p.budget_yuan - p.executed_yuan, 0) + 1;

-- FUND_COST_RECONCILIATION
WITH sums AS (
    SELECT form_id, count(*) AS items, sum(target_value) AS ceilings, sum(actual_value) AS actuals
    FROM check_cost GROUP BY form_id
)
SELECT s.form_id, num(s.ceilings) || '；' || num(s.actuals) AS printed,
    num(f.budget_yuan) || '；' || num(f.executed_yuan) AS expected,
    s.items || ' 项成本指标的目标合计 ' || yuan(s.ceilings, f.money_unit) || coalesce('、实际合计 ' || yuan(s.actuals, f.money_unit), '、实际值未填') || '，对照'
        || coalesce('年初预算 ' || yuan(f.budget_initial_yuan, f.money_unit) || '、', '') || coalesce('全年预算 ' || yuan(f.budget_adjusted_yuan, f.money_unit) || '、', '')
        || '执行数 ' || yuan(f.executed_yuan, f.money_unit) || '。' AS message
FROM sums AS s JOIN check_form AS f USING (form_id)
WHERE f.budget_yuan > 0 AND f.executed_yuan > 0 AND (
    abs(s.ceilings - f.budget_yuan) * 100 <= f.budget_yuan * getvariable('t_cost_near_budget_pct')
    OR abs(s.ceilings - f.budget_initial_yuan) * 100 <= f.budget_initial_yuan * getvariable('t_cost_near_budget_pct')
    OR abs(s.actuals - f.executed_yuan) * 100 <= f.executed_yuan * getvariable('t_cost_near_budget_pct')
);

-- FUND_COST_ACTUAL_VS_EXECUTED
SELECT c.form_id, c.indicator_no, 'actual_text' AS field, c.actual_text AS printed, num(f.executed_yuan) AS expected,
    c.label || '的实际值「' || c.actual_text || '」与全年执行数 ' || yuan(f.executed_yuan, f.money_unit) || '相差 ' || yuan(abs(c.actual_value - f.executed_yuan), f.money_unit)
        || '，两数应一致，请核对。' AS message
FROM check_cost AS c JOIN check_form AS f USING (form_id)
WHERE c.actual_value > 0 AND f.executed_yuan > 0 AND abs(c.actual_value - f.executed_yuan) > greatest(c.actual_half_unit, 0.01)
    AND (abs(c.actual_value - f.executed_yuan) * 100 <= f.executed_yuan * getvariable('t_cost_near_executed_pct')
        -- the cost of the whole project, its ceiling the whole budget
        OR c.target_value = f.budget_yuan AND regexp_matches(bare(c.level3), getvariable('w_whole_cost')));

-- FUND_COST_CEILING_IS_BUDGET
SELECT c.form_id, c.indicator_no, CASE WHEN c.target_value = f.budget_yuan THEN 'info' ELSE 'warning' END AS severity,
    'target_text' AS field, c.target_text AS printed, num(f.budget_yuan) AS expected,
    c.label || '的目标「' || c.target_text || '」就是' || CASE WHEN c.target_value = f.budget_yuan
        THEN '全部预算数 ' || yuan(f.budget_yuan, f.money_unit) || '，与资金执行重复计分。'
        ELSE '调整前的年初预算数 ' || yuan(f.budget_initial_yuan, f.money_unit) || '，而全年预算数已是 ' || yuan(f.budget_yuan, f.money_unit) || '，请按调整后的预算更新。' END AS message
FROM check_cost AS c JOIN check_form AS f USING (form_id)
WHERE c.target_operator IN ('<=', '<', '=') IS NOT false AND (c.target_value = f.budget_yuan OR c.target_value = f.budget_initial_yuan) AND f.budget_yuan > 0;

-- FUND_COMPONENT_RATE
-- Rate and score are the total's; the sources below it carry none. A rate of theirs that is not executed / budget is worse.
WITH part AS (
    SELECT form_id, funding_no, coalesce(label, source) AS label, rate_pct, score, coalesce(adjusted_yuan, initial_yuan) AS budget, executed_yuan,
        abs(rate_pct - executed_yuan * 100 / nullif(coalesce(adjusted_yuan, initial_yuan), 0)) > 0.51 AS wrong
    FROM funding SEMI JOIN (FROM check_form WHERE form_kind = 'self_evaluation') AS f USING (form_id)
    WHERE source <> 'total' AND (rate_pct IS NOT NULL OR score IS NOT NULL)
)
SELECT form_id, CASE WHEN wrong THEN 'warning' ELSE 'info' END AS severity, 'rate_pct' AS field,
    string_agg(concat_ws('、', num(rate_pct) || '%', num(score) || ' 分'), '；' ORDER BY funding_no) AS printed,
    CASE WHEN wrong THEN '「' || any_value(label) || '」所印执行率 ' || num(any_value(rate_pct)) || '% 与其执行数÷预算数＝' || two(any_value(executed_yuan * 100 / budget)) || '% 不符，请核对。'
        ELSE '各项资金「' || string_agg(label, '」「' ORDER BY funding_no) || '」各自印有执行率或得分（'
            || string_agg(concat_ws('、', num(rate_pct) || '%', num(score) || ' 分'), '；' ORDER BY funding_no) || '），执行率和得分只在年度资金总额一行计算。' END AS message
FROM part GROUP BY form_id, wrong, CASE WHEN wrong THEN funding_no END;

