-- Checks of targets, actuals and wording. Target forms have no actuals, so what looks at those does not touch them.

-- TGT_MISSING
SELECT r.form_id, r.indicator_no, 'target_text' AS field, '空白' AS printed,
    r.label || coalesce('有权重 ' || num(r.weight) || ' 分而', '') || '没有目标值，请补填。' AS message
FROM check_row AS r JOIN check_form AS f USING (form_id)
WHERE r.named AND NOT r.execution_row AND r.target_text IS NULL AND f.prints_target AND r.horizon IS DISTINCT FROM 'long_term'
    AND (r.weight > 0 OR r.form_kind = 'target' AND NOT f.prints_weight AND r.level3 IS NOT NULL);

-- ACT_MISSING
SELECT r.form_id, r.indicator_no, 'actual_text' AS field, '空白' AS printed,
    r.label || '有权重 ' || num(r.weight) || ' 分' || coalesce('、目标「' || short(said(r.target_text, r.unit_text), 60) || '」', '') || '而没有实际完成值，请补填。' AS message
FROM check_row AS r JOIN check_form AS f USING (form_id)
WHERE r.named AND NOT r.execution_row AND r.weight > 0 AND r.actual_text IS NULL AND f.prints_actual AND r.evaluated AND r.target_kind IS DISTINCT FROM 'not_applicable';

-- TGT_NO_OPERATOR
-- Not where none is to happen (零事故): there is but one way to read it.
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, '≥ 或 ≤' AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」没有比较符号，' || CASE WHEN contains(compare_basis, 'bare_target') THEN '比较时按不低于读取，'
        WHEN contains(compare_basis, 'bare_down') THEN '比较时按不高于读取，' ELSE '' END || '宜写明 ≥ 或 ≤。' AS message
FROM check_row ANTI JOIN check_pointed USING (form_id)
WHERE named AND target_operator IS NULL AND target_value IS NOT NULL AND target_kind IN ('quantity', 'ratio', 'money', 'duration')
    AND NOT (target_value = 0 AND contains(compare_basis, 'bare_down'));

-- TGT_DIRECTION_SUSPECT
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, CASE WHEN target_operator IN ('>=', '>') THEN '≤' ELSE '≥' END AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」方向可疑，' || CASE WHEN is_cost THEN '成本类目标通常用 ≤，请核对。' WHEN target_operator IN ('>=', '>') THEN '此类目标通常用 ≤，请核对。' ELSE '此类目标通常用 ≥，请核对。' END AS message
FROM check_row
WHERE named AND (
    is_cost AND target_operator IN ('>=', '>') AND target_kind IN ('money', 'quantity') AND NOT regexp_matches(level3, getvariable('w_saving'))
        AND NOT (ends_with(bare(level3), '标准') AND regexp_matches(level3, getvariable('w_paid_out')))
    OR NOT is_cost AND target_operator IN ('>=', '>') AND target_value > 0 AND target_kind IN ('ratio', 'quantity') AND regexp_matches(bare(level3), getvariable('w_harm') || '$')
        AND NOT regexp_matches(bare(level3), getvariable('w_harm_met'))
    OR target_operator IN ('<=', '<') AND target_kind IN ('ratio', 'quantity') AND NOT regexp_matches(bare(level3), getvariable('w_better_down'))
        AND NOT is_cost AND NOT regexp_matches(bare(level3), getvariable('w_ceiling_name')) AND (is_satisfaction OR regexp_matches(bare(level3), getvariable('w_better_up')))
);

-- TGT_TOO_LOW
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, '> ' || getvariable('t_target_low_pct') || '%' AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」不高于 ' || getvariable('t_target_low_pct') || '%，可能偏低，请核对目标。' AS message
FROM check_row
WHERE named AND target_kind = 'ratio' AND target_value > 0 AND target_value <= getvariable('t_target_low_pct')
    AND (target_operator IS NULL OR target_operator IN ('>=', '>', '=')) AND regexp_matches(level3, getvariable('w_rate_name') || '$')
    AND NOT regexp_matches(level3, getvariable('w_naturally_low'));

-- TGT_TRIVIAL_FLOOR
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, '> 0' AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」等于没有要求，请设定可考核的目标。' AS message
FROM check_row
WHERE named AND target_operator IN ('>=', '>') AND target_value = 0 AND NOT regexp_matches(level3, getvariable('w_may_fall'));

-- ACT_IS_INEQUALITY
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, '一个数值' AS expected,
    label || '的实际值「' || said(actual_text, unit_text) || '」是不等式，应写实际数值。' AS message
FROM check_row
WHERE evaluated AND named AND actual_operator IN ('>=', '<=', '>', '<') AND actual_value IS NOT NULL AND actual_kind IN ('quantity', 'ratio', 'money', 'duration')
    AND NOT regexp_matches(actual_text, '[余多][^于少]|[余多]$');

-- ACT_IS_RANGE
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值「' || said(actual_text, unit_text) || '」是区间，应写一个实际数值。' AS message
FROM check_row WHERE evaluated AND named AND actual_operator = 'range' AND actual_value IS NOT NULL;

-- ACT_EQUALS_THRESHOLD
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值「' || said(actual_text, unit_text) || '」恰好等于目标「' || said(target_text, unit_text) || '」，请核对是否按目标填写。' AS message
FROM check_row ANTI JOIN check_all_equal USING (form_id)
WHERE evaluated AND named AND target_operator IN ('>=', '<=') AND actual_operator IS NULL AND attainment_pct = 100
    AND NOT (target_kind = 'ratio' AND target_value = 100);

-- ACT_COPIES_TARGET
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值与目标逐字相同「' || short(said(target_text, unit_text), 60) || '」，应写实际完成情况。' AS message
FROM check_row
WHERE evaluated AND named AND target_kind IN ('text', 'period', 'compound') AND folded(actual_text) = folded(target_text);

-- ACT_ZERO
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '的目标为「' || said(target_text, unit_text) || '」而实际为 ' || actual_text || '，请核对是否未开展。' AS message
FROM check_row
WHERE evaluated AND named AND actual_value = 0 AND actual_operator IS NULL AND target_value > 0
    AND (target_operator IS NULL OR target_operator IN ('>=', '>', '=') OR is_cost AND target_kind = 'money');

-- ACT_AT_CALENDAR_MAX
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值「' || said(actual_text, unit_text) || '」为全年每一天，请核对统计口径。' AS message
FROM check_row
WHERE evaluated AND named AND actual_unit IN ('天', '日') AND actual_operator IS NULL
    AND actual_value = CASE WHEN fiscal_year % 4 = 0 AND (fiscal_year % 100 <> 0 OR fiscal_year % 400 = 0) THEN 366 ELSE 365 END;

-- ACT_DATE_IMPRECISE
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, '年月日' AS expected,
    label || '的完成时间「' || said(actual_text, unit_text) || '」没有写到日，请写明日期。' AS message
FROM check_row
WHERE evaluated AND named AND actual_kind = 'date' AND actual_date IS NOT NULL
    AND NOT regexp_matches(actual_text, '\d{1,2}\s*[日号]|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|^\d{8}$');

-- DATE_OUTSIDE_YEAR
-- A time that begins or ends in the year (2023年9月至2024年6月) lies not outside it; one that both cells put into the half-year after it (the final
-- account, the acceptance) is a remark.
SELECT form_id, indicator_no, CASE WHEN least(target_date, actual_date) > make_date(fiscal_year, 12, 31) AND greatest(target_date, actual_date) <= make_date(fiscal_year + 1, 6, 30)
        AND target_date IS NOT NULL AND actual_date IS NOT NULL THEN 'info' ELSE 'warning' END AS severity, CASE WHEN year(actual_date) <> fiscal_year THEN 'actual_text' ELSE 'target_text' END AS field,
    CASE WHEN year(actual_date) <> fiscal_year THEN actual_text ELSE target_text END AS printed, fiscal_year::VARCHAR AS expected,
    label || '的日期「' || CASE WHEN year(actual_date) <> fiscal_year THEN actual_text ELSE target_text END || '」不在 ' || fiscal_year || ' 年内，请核对日期。' AS message
FROM check_row
WHERE named AND horizon IS DISTINCT FROM 'long_term'
    AND (year(target_date) <> fiscal_year AND NOT contains(target_text, fiscal_year::VARCHAR) OR year(actual_date) <> fiscal_year AND NOT contains(actual_text, fiscal_year::VARCHAR))
UNION ALL
-- a goal set for a year that is over
SELECT form_id, NULL, 'warning', 'goal_expected', said, fiscal_year::VARCHAR, '预期目标写的是「' || short(said, 40) || '」，而本表是 ' || fiscal_year || ' 年的，请核对是否沿用旧文。'
FROM (
    SELECT form_id, fiscal_year, goal_expected AS goal, regexp_extract(goal_expected, '(?:^|[，。；;：:\n、.．])\s*(20\d\d\s*年(?:全年|度内|年?底前|内|度|计划|拟|将|完成|开展|举办|实施)[^，。；;\n]{2,})', 1) AS said
    FROM check_form WHERE form_kind IN ('self_evaluation', 'target') AND NOT contains(goal_expected, fiscal_year::VARCHAR)
)
WHERE said <> '' AND left(said, 4)::INTEGER < fiscal_year AND NOT regexp_matches(said, getvariable('w_former_year'))
    AND (regexp_matches(said, '^\d+\s*年(?:全年|度|年?底|内)') OR NOT regexp_matches(goal, '本年|今年|当年|年内|年度|继续|后续|目前|已'))
UNION ALL
-- an end before the beginning: of one thing in two rows, in the text, in cells of the form. A month without a day may be any day of it.
SELECT e.form_id, e.indicator_no, 'warning', 'actual_text', e.actual_text, b.actual_text,
    e.label || '的实际值「' || e.actual_text || '」早于第 ' || b.indicator_no || ' 项「' || short(b.level3, 40) || '」的「' || b.actual_text || '」，请核对。'
FROM (SELECT *, regexp_replace(bare(level3), getvariable('w_time_begun'), '') AS of FROM check_row WHERE evaluated AND actual_kind = 'date' AND regexp_matches(bare(level3), getvariable('w_time_begun'))) AS b
JOIN (SELECT *, regexp_replace(bare(level3), getvariable('w_time_ended'), '') AS of FROM check_row WHERE evaluated AND actual_kind = 'date' AND regexp_matches(bare(level3), getvariable('w_time_ended'))) AS e
    ON b.form_id = e.form_id AND b.of = e.of AND b.horizon IS NOT DISTINCT FROM e.horizon
WHERE b.actual_date - e.actual_date > CASE WHEN regexp_matches(b.actual_text, '\d\s*[日号]') AND regexp_matches(e.actual_text, '\d\s*[日号]') THEN 0 ELSE 31 END
UNION ALL
SELECT form_id, NULL, 'warning', 'goal_actual', span, NULL, '实际完成情况写的是「' || span || '」，结束早于开始，请核对。'
FROM (
    SELECT form_id, regexp_extract_all(span, '20\d\d年\d{1,2}月\d{1,2}日') AS days, span,
        list_transform(days, lambda x: regexp_extract(x, '^\d+')::INTEGER * 10000 + regexp_extract(x, '年(\d+)', 1)::INTEGER * 100 + regexp_extract(x, '月(\d+)', 1)::INTEGER) AS numbers
    FROM (SELECT form_id, regexp_extract(goal_actual, getvariable('w_begun_and_ended')) AS span FROM check_form WHERE evaluated AND regexp_matches(goal_actual, getvariable('w_begun_and_ended')))
)
WHERE numbers[2] < numbers[1]
UNION ALL
SELECT form_id, NULL, 'warning', NULL, ends, begins, '计划完成的日期 ' || ends || ' 早于开始的日期 ' || begins || '，请核对。'
FROM (
    SELECT form_id, min(day) FILTER (regexp_matches(label, '开始|起始|启动')) AS begins, max(day) FILTER (regexp_matches(label, '完成|结束|终止')) AS ends
    FROM (
        SELECT form_id, section, label, try_cast(concat_ws('-', regexp_extract(value, '(20\d\d)\D+\d{1,2}\D+\d{1,2}', 1), lpad(regexp_extract(value, '20\d\d\D+(\d{1,2})\D+\d{1,2}', 1), 2, '0'),
            lpad(regexp_extract(value, '20\d\d\D+\d{1,2}\D+(\d{1,2})', 1), 2, '0')) AS DATE)::VARCHAR AS day
        FROM attribute SEMI JOIN check_form USING (form_id) WHERE regexp_matches(label, '(?:日期|时间)$') AND regexp_matches(label, '开始|起始|启动|完成|结束|终止')
    )
    GROUP BY form_id, section HAVING count(*) = 2
)
WHERE ends < begins
UNION ALL
SELECT form_id, NULL, 'warning', NULL, value, NULL, '「' || label || '」写的是「' || short(value, 40) || '」，结束早于开始，请核对。'
FROM (
    SELECT form_id, label, value, list_transform(regexp_extract_all(value, '20\d\d\s*[年./-]\s*\d{1,2}'),
        lambda x: [regexp_extract(x, '^\d+')::INTEGER, regexp_extract(x, '\d+$')::INTEGER]) AS months
    FROM attribute SEMI JOIN check_form USING (form_id) WHERE contains(label, '起止')
)
WHERE len(months) = 2 AND months[1][2] BETWEEN 1 AND 12 AND months[2][2] BETWEEN 1 AND 12 AND months[2] < months[1];

-- VALUE_OVER_100
SELECT form_id, indicator_no, 'error' AS severity, CASE WHEN actual_kind = 'ratio' AND actual_value > 100 THEN 'actual_text' ELSE 'target_text' END AS field,
    CASE WHEN actual_kind = 'ratio' AND actual_value > 100 THEN actual_text ELSE target_text END AS printed, '≤ 100%' AS expected,
    label || '为「' || CASE WHEN actual_kind = 'ratio' AND actual_value > 100 THEN actual_text ELSE target_text END || '」，此类比率不应超过 100%。' AS message, NULL AS verdict
FROM check_row
WHERE named AND (actual_kind = 'ratio' AND actual_value > 100 OR target_kind = 'ratio' AND target_value > 100)
    AND (regexp_matches(bare(level3), getvariable('w_at_most_100') || '$') OR is_satisfaction)
UNION ALL
-- another rate of a quality that is to reach so much of a hundred
SELECT form_id, indicator_no, 'warning', 'actual_text', actual_text, '≤ 100%', label || '为「' || said(actual_text, unit_text) || '」，比率一般不超过 100%，请核对。', 'none'
FROM check_row
WHERE evaluated AND named AND class2 = 'quality' AND actual_kind = 'ratio' AND actual_operator IS NULL AND actual_value > 100 AND target_kind = 'ratio' AND target_value <= 100
    AND (target_operator IS NULL OR target_operator IN ('>=', '>', '=')) AND ends_with(bare(level3), '率') AND NOT regexp_matches(level3, getvariable('w_may_exceed_100'))
    AND NOT regexp_matches(bare(level3), getvariable('w_at_most_100') || '$') AND NOT is_satisfaction;

-- VALUE_RATIO_UNREACHABLE
-- The rate may be of the number done or of the number planned: only what neither gives is impossible.
WITH ratios AS (
    SELECT form_id, indicator_no, label, actual_text, actual_value, decimals_of(actual_text) AS decimals,
        regexp_replace(level3, getvariable('w_counted_ratio') || '$', '') AS stem
    FROM check_row
    WHERE evaluated AND named AND actual_kind = 'ratio' AND actual_operator IS NULL AND actual_value BETWEEN 0 AND 100
        AND regexp_matches(level3, getvariable('w_counted_ratio') || '$')
),
counts AS (
    SELECT form_id, level3, actual_value::INTEGER AS n,
        CASE WHEN target_kind = 'quantity' AND target_value > 0 AND target_value = trunc(target_value) THEN target_value ELSE actual_value END::HUGEINT AS planned
    FROM check_row
    WHERE evaluated AND named AND class2 = 'quantity' AND actual_kind = 'quantity' AND actual_operator IS NULL
        AND actual_value BETWEEN 2 AND getvariable('t_small_count') AND actual_value = trunc(actual_value)
)
SELECT r.form_id, r.indicator_no, 'actual_text' AS field, r.actual_text AS printed, min(c.n) || ' 项' AS expected,
    r.label || '为「' || r.actual_text || '」，而「' || min_by(c.level3, c.n) || '」只有 ' || min(c.n) || '，两者不能同时成立，请核对。' AS message
FROM ratios AS r JOIN counts AS c ON r.form_id = c.form_id AND length(r.stem) >= 2 AND contains(c.level3, r.stem)
GROUP BY r.form_id, r.indicator_no, r.label, r.actual_text, r.actual_value, r.decimals
HAVING count(*) = 1 AND min(c.planned) <= getvariable('t_small_count') AND len(list_filter(range(0, getvariable('t_small_count') + 1),
    lambda k: k <= min(c.n) AND abs(k * 100.0 / min(c.n) - r.actual_value) <= 0.5 / pow(10, r.decimals) + 0.0000001
        OR k <= min(c.planned) AND abs(k * 100.0 / min(c.planned) - r.actual_value) <= 0.5 / pow(10, r.decimals) + 0.0000001)) = 0
UNION ALL
-- the rate of completion of what another row counts
SELECT form_id, indicator_no, 'actual_text', actual_text, two(share) || '%',
    label || '为「' || said(actual_text, unit_text) || '」，而第 ' || count_no || ' 项「' || short(count_name, 40) || '」只完成目标的 ' || two(share) || '%，两者不能同时成立，请核对。'
FROM check_completion JOIN check_row USING (form_id, indicator_no);

-- UNIT_MISSING_TARGET
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed,
    label || '的目标「' || said(target_text, unit_text) || '」没有计量单位，请补写。' AS message
FROM check_row ANTI JOIN check_pointed USING (form_id)
WHERE named AND target_kind = 'quantity' AND target_value IS NOT NULL AND target_unit IS NULL AND unit_text IS NULL AND NOT regexp_matches(bare(level3), getvariable('w_no_dimension'))
    AND NOT coalesce(contains(compare_basis, 'ratio_from_decimal') AND target_value < 1, false);

-- UNIT_MISSING_ACTUAL
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值「' || said(actual_text, unit_text) || '」没有计量单位，请补写。' AS message
FROM check_row ANTI JOIN check_pointed USING (form_id)
WHERE evaluated AND named AND actual_kind = 'quantity' AND actual_value IS NOT NULL AND actual_unit IS NULL AND unit_text IS NULL AND NOT regexp_matches(bare(level3), getvariable('w_no_dimension'))
    AND NOT (target_kind = 'money' AND regexp_matches(actual_text, '\d\s*万\s*$')) AND NOT coalesce(contains(compare_basis, 'ratio_from_decimal'), false);

-- UNIT_RATIO_DECIMAL
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, num((actual_value * 100)::DECIMAL(18, 6)) || '%' AS expected,
    label || '的目标为「' || said(target_text, unit_text) || '」而实际值写成小数「' || said(actual_text, unit_text) || '」，应写成百分数。' AS message
FROM check_row WHERE evaluated AND named AND contains(compare_basis, 'ratio_from_decimal') AND target_kind = 'ratio';

-- UNIT_SCALE_DIFFERS
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」与实际值「' || said(actual_text, unit_text) || '」万元与元混用，宜统一单位。' AS message
FROM check_row
WHERE evaluated AND named AND target_kind = 'money' AND actual_kind = 'money' AND regexp_matches(target_text, '[元万]') AND regexp_matches(actual_text, '[元万]')
    AND regexp_matches(target_text, '[万亿]') <> regexp_matches(actual_text, '[万亿]');

-- UNIT_ABBREVIATED
SELECT form_id, indicator_no, 'target_text' AS field, coalesce(CASE WHEN short_target THEN target_text END, actual_text) AS printed, '万元' AS expected,
    label || '的金额「' || coalesce(CASE WHEN short_target THEN target_text END, actual_text) || '」把“万元”简写为“万”，请写全单位。' AS message
FROM (
    SELECT *, target_kind = 'money' AND regexp_matches(target_text, '\d\s*万\s*$') AS short_target,
        (actual_kind = 'money' OR target_kind = 'money') AND regexp_matches(actual_text, '\d\s*万\s*$') AS short_actual FROM check_row WHERE named AND unit_text IS NULL
)
WHERE short_target OR short_actual;

-- UNIT_INCOMPATIBLE
-- 每季度1次 beside 4次 counts the same, in another period.
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '的目标「' || said(target_text, unit_text) || '」与实际值「' || said(actual_text, unit_text) || '」单位不同类，无法比较，请统一单位。' AS message
FROM check_row
WHERE evaluated AND named AND split_part(compare_basis, ':', 1) = 'unit_incompatible'
    AND split_part(coalesce(target_unit, ''), '/', 1) <> split_part(coalesce(actual_unit, ''), '/', 1);

-- TXT_VAGUE_GRADE
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed,
    label || '的目标「' || said(target_text, unit_text) || '」只是程度词，没有可衡量的标准，请写明标准。' AS message
FROM check_row
WHERE named AND regexp_matches(target_text, getvariable('w_vague')) AND (target_kind = 'grade' OR target_kind = 'text' AND length(target_text) <= 8);

-- TXT_COMPOUND
-- 米、面、油采购量 enumerates what is measured once; 幸福感、归属感、信访率 are measures each. A target that says how points are given has numbers of points.
SELECT form_id, indicator_no, 'level3' AS field, level3 AS printed, '一项一个指标' AS expected,
    label || '含有多个指标或数值，宜拆成几项分别考核。' AS message
FROM check_row
WHERE named AND NOT coalesce(regexp_matches(target_text, getvariable('w_points_rule')), false)
    AND (target_kind = 'compound' OR actual_kind = 'compound' AND target_kind NOT IN ('text', 'grade')
        OR len(list_filter(regexp_split_to_array(level3, '[，,；;、]'), lambda part: regexp_matches(bare(part), getvariable('w_measure_end') || '$'))) > 1
        OR regexp_matches(bare(level3), '(?:率|满意度|知晓度)[及和与].{2,}(?:率|满意度|知晓度)$'));

-- TXT_LEVEL2_MISFIT
-- What the end of a name measures, beside the level 2. Satisfaction below the benefits is one only where the form has a level of its own for it.
SELECT form_id, indicator_no, 'level2' AS field, level2 AS printed,
    label || '的内容与所在的二级指标「' || level2 || '」不符，请归入相应的二级指标。' AS message
FROM check_row
WHERE named AND (
    NOT regexp_matches(level3, getvariable('w_misfit_but')) AND (
        class2 = 'timeliness' AND regexp_matches(level3, getvariable('w_misfit_timeliness'))
        OR class2 = 'quantity' AND regexp_matches(level3, getvariable('w_misfit_quantity')) AND NOT regexp_matches(bare(level3), getvariable('w_count_end') || '$')
        OR class2 = 'quality' AND regexp_matches(level3, getvariable('w_misfit_quality')) AND NOT regexp_matches(bare(level3), getvariable('w_better_down') || '|合格|达标|通过|优秀|优良|获奖')
        OR class2 = 'quality' AND regexp_matches(bare(level3), '(?:造价|单价|成本)$')
        OR class2 = 'cost' AND regexp_matches(level3, getvariable('w_misfit_cost')) AND NOT regexp_matches(bare(level3), getvariable('w_cost_end') || '$')
    )
    OR class2 = 'timeliness' AND regexp_matches(bare(level3), '(?:单价|成本|满意度|合格率)$')
    OR class2 = 'quantity' AND regexp_matches(bare(level3), '(?:合格率|正确率|准确率|优良率|及时率|准点率|单价|单位成本|满意度)$')
    OR class1 = 'benefit' AND NOT is_satisfaction AND regexp_matches(bare(level3), '满意度$') AND form_id IN (SELECT form_id FROM check_row WHERE is_satisfaction AND named)
);

-- TXT_DUPLICATE_INDICATOR
SELECT r.form_id, r.indicator_no, CASE WHEN d.same_level2 THEN 'warning' ELSE 'info' END AS severity, 'level3' AS field, r.level3 AS printed, d.other AS expected,
    r.label || '与第 ' || d.other_no || ' 项「' || short(d.other, 40) || '」' || CASE WHEN r.level3 = d.other THEN '名称相同' ELSE '名称相似度 ' || d.ratio || '%' END
        || '，可能重复，请核对。' AS message
FROM check_duplicate AS d JOIN check_row AS r USING (form_id, indicator_no);

-- TXT_YEAR_IN_NAME
SELECT form_id, indicator_no, 'level3' AS field, level3 AS printed,
    label || '的名称含年份，不便跨年比较，宜去掉年份。' AS message
FROM check_row WHERE named AND regexp_matches(level3, '(^|[^\d])20[0-4]\d([^\d]|$)');

-- TXT_NA_WORDING
WITH noted AS (
    SELECT *, CASE WHEN level3 IS NOT NULL THEN 'level3' WHEN actual_kind = 'not_applicable' THEN 'actual_text' ELSE 'target_text' END AS field,
        CASE WHEN level3 IS NOT NULL THEN level3 WHEN actual_kind = 'not_applicable' THEN actual_text ELSE target_text END AS wording
    FROM check_row WHERE NOT named AND NOT execution_row AND (level3 IS NOT NULL OR actual_kind = 'not_applicable' OR target_kind = 'not_applicable')
)
SELECT form_id, indicator_no, field, wording AS printed, '不适用' AS expected,
    label || '把不适用写作「' || short(wording, 40) || '」，宜统一写“不适用”。' AS message
FROM noted WHERE NOT regexp_matches(wording, getvariable('w_not_applicable_standard'));

-- TXT_GOAL_COPIED
SELECT form_id, 'goal_actual' AS field, left(goal_actual, 200) AS printed, left(goal_expected, 200) AS expected,
    '实际完成情况与预期目标的相似度为 ' || c.ratio || '%，近于照抄，请写实际完成的内容。' AS message
FROM check_goal AS c JOIN check_form USING (form_id);

-- TXT_NARRATIVE_NUMBER_UNUSED
WITH told AS (
    SELECT form_id, goal_expected, unnest(regexp_extract_all(goal_actual, '\d+(?:\.\d+)?(?:万)?' || getvariable('w_narrative_unit'))) AS quantity
    FROM check_form WHERE evaluated AND row_count > 0 AND goal_actual IS NOT NULL
),
parsed AS (
    SELECT DISTINCT form_id, quantity, regexp_extract(quantity, '\d+(?:\.\d+)?') AS digits FROM told
    WHERE NOT coalesce(contains(goal_expected, quantity), false)
),
shown AS (
    SELECT r.form_id, unnest(regexp_extract_all(replace(concat_ws(' ', r.level3, r.target_text, r.actual_text), ',', ''), '\d+(?:\.\d+)?')) AS digits
    FROM check_row AS r SEMI JOIN parsed USING (form_id)
)
SELECT form_id, 'goal_actual' AS field, string_agg(quantity, '、' ORDER BY quantity) AS printed,
    '实际完成情况中的 ' || string_agg(quantity, '、' ORDER BY quantity) || ' 未见于任何指标，可考虑设为指标。' AS message
FROM parsed ANTI JOIN shown USING (form_id, digits)
GROUP BY form_id;

-- TXT_NARRATIVE_CONTRADICTION
-- A text that shares no word with the project's name and its indicators (check_foreign) is another project's.
WITH satisfied AS (
    SELECT form_id, regexp_extract(goal_actual, '满意[^，。；,;]{0,10}?\d+(?:\.\d+)?[%％]') AS told FROM check_form
    WHERE evaluated AND regexp_matches(goal_actual, '满意[^，。；,;]{0,10}?\d+(?:\.\d+)?[%％]')
)
SELECT s.form_id, 'goal_actual' AS field, s.told AS printed,
    '实际完成情况写有「' || s.told || '」，而满意度指标未设置，两处矛盾，请据实设置满意度指标。' AS message
FROM satisfied AS s JOIN check_row AS r USING (form_id)
WHERE r.is_satisfaction AND r.prints_level3
GROUP BY s.form_id, s.told HAVING bool_and(NOT r.named)
UNION ALL
SELECT form_id, 'goal_actual', told, '实际完成情况写有「' || short(told, 40) || '」，而第 ' || indicator_no || ' 项指标「' || short(level3, 40) || '」的实际值为「' || value || '」，两处不一致，请核对。'
FROM check_conflict WHERE side = 'actual'
UNION ALL
-- what the text says was spent in the year, beside the money of the form; half of its last digit is rounded
SELECT form_id, 'goal_actual', told, '实际完成情况写有「' || told || '」，而资金表的执行数为 ' || yuan(executed_yuan, money_unit) || '，两处不一致，请核对。'
FROM (
    SELECT *, try_cast(digits AS DECIMAL(18, 6)) * unit AS spent, 0.5 * unit / pow(10, decimals_of(digits)) AS half FROM (
        SELECT form_id, executed_yuan, money_unit, regexp_extract(goal_actual, getvariable('w_spent'), 1) AS told, regexp_extract(told, '\d+(?:\.\d+)?') AS digits,
            CASE WHEN contains(told, '亿') THEN 100000000 WHEN contains(told, '万') THEN 10000 ELSE 1 END AS unit
        FROM check_form WHERE evaluated AND executed_yuan > 0 AND regexp_matches(goal_actual, getvariable('w_spent'))
    )
) AS t
WHERE abs(spent - executed_yuan) > half + 0.01 AND NOT EXISTS (FROM funding AS f WHERE f.form_id = t.form_id AND abs(spent - f.executed_yuan) <= half + 0.01)
UNION ALL
SELECT form_id, CASE side WHEN 'actual' THEN 'goal_actual' ELSE 'goal_expected' END, left(told, 200), CASE side WHEN 'actual' THEN '实际完成情况' ELSE '预期目标' END || '「' || short(told, 40) || '」与项目名称和各项指标没有一个相同的词，可能是别的项目的文字，请核对。'
FROM check_foreign;

-- TXT_GOAL_TARGET_CONFLICT
SELECT form_id, indicator_no, 'goal_expected' AS field, told AS printed, value AS expected,
    '预期目标写有「' || short(told, 40) || '」，而第 ' || indicator_no || ' 项指标「' || short(level3, 40) || '」的目标为「' || value || '」，两处不一致，请核对。' AS message
FROM check_conflict WHERE side = 'target';

-- ACT_ALL_EQUAL_TARGET
SELECT form_id, 'actual_text' AS field, rows || ' 项' AS printed,
    '全部 ' || rows || ' 项有数值的指标，实际值都恰好等于目标值，请核对是否按目标填写。' AS message
FROM check_all_equal;

-- TGT_IS_POINTS
SELECT form_id, 'target_text' AS field, rows || ' 项' AS printed,
    '全部 ' || rows || ' 项指标的指标值都等于分值（合计 ' || num(points) || '），指标值栏应写目标，不是分数，请改写。' AS message
FROM check_pointed;

-- ACT_EMPTY_PHRASE
SELECT form_id, indicator_no, CASE WHEN target_value IS NOT NULL OR target_date IS NOT NULL THEN 'warning' ELSE 'info' END AS severity,
    'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '的实际值只写「' || said(actual_text, unit_text) || '」' || coalesce('（目标「' || short(said(target_text, unit_text), 60) || '」）', '') || '，请写明实际完成的数量、程度或时间。' AS message
FROM check_row
WHERE evaluated AND named AND folded(actual_text) IS DISTINCT FROM folded(target_text) AND (
    regexp_full_match(folded(actual_text), getvariable('w_empty_phrase') || '[。.]?')
    -- a number or a date is asked, and words alone answer; 全部合格 answers 100 %
    OR (target_value IS NOT NULL OR target_date IS NOT NULL) AND actual_value IS NULL AND actual_date IS NULL AND NOT (weight > 0 AND score >= weight AND regexp_full_match(folded(actual_text), getvariable('w_expectation_phrase') || '[。.]?'))
        AND regexp_full_match(folded(actual_text), getvariable('w_phrase_word') || '{2,}') AND NOT (target_kind = 'ratio' AND target_value = 100 AND regexp_matches(folded(actual_text), '^(?:已?全|均|都)'))
    -- any words for a figure, and full points: not those that say all or none (全部合格, 未发生)
    OR target_kind IN ('quantity', 'ratio', 'money', 'duration') AND target_value IS NOT NULL AND actual_kind IN ('text', 'grade') AND actual_value IS NULL AND weight > 0 AND score >= weight
        AND NOT regexp_matches(actual_text, '[\p{N}一二三四五六七八九十百千两半]') AND NOT regexp_matches(folded(actual_text), '^(?:已?全|均|都|无|未|没|零)|全部|均|无一')
        AND NOT regexp_full_match(folded(actual_text), getvariable('w_expectation_phrase') || '[。.]?')
);

-- TGT_COST_IS_BUDGET
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed,
    label || '的目标只写「' || said(target_text, unit_text) || '」，没有可考核的成本，请写明金额或单价。' AS message
FROM check_row WHERE named AND is_cost AND regexp_full_match(folded(target_text), getvariable('w_within_budget') || '[。.]?');

-- UNIT_RATE_MISFIT
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed, CASE WHEN rate THEN '%' ELSE '个数' END AS expected,
    label || CASE WHEN rate THEN '是比率，目标却以「' || target_unit || '」计（' ELSE '是个数，目标却以百分数计（' END || target_text || '），请核对名称或单位。' AS message
FROM (
    SELECT *, regexp_matches(bare(level3), '率$') AND NOT regexp_matches(bare(level3), '[频效功速汇心容]率$|分辨率$|积率$')
            AND target_kind IN ('quantity', 'duration') AND NOT contains(target_unit, '/') AND NOT list_contains(['分', '倍', '百分点', '个百分点', '成'], target_unit) AS rate,
        target_kind = 'ratio' AND regexp_matches(bare(level3), getvariable('w_count_end') || '$') AND NOT regexp_matches(level3, '率|比|覆盖面|百分|增长|增幅|增加|减少|下降|提高|%|％') AS count
    FROM check_row WHERE named
)
WHERE rate OR count;

-- TGT_TEMPLATE_RESIDUE
SELECT form_id, indicator_no, CASE WHEN regexp_matches(target_text, getvariable('w_template')) THEN 'target_text' ELSE 'level3' END AS field,
    CASE WHEN regexp_matches(target_text, getvariable('w_template')) THEN target_text ELSE level3 END AS printed,
    label || '留有模板中的字样「' || CASE WHEN regexp_matches(target_text, getvariable('w_template')) THEN target_text ELSE level3 END || '」，请填写。' AS message
FROM check_row WHERE regexp_matches(target_text, getvariable('w_template')) OR named AND ( regexp_matches(level3, getvariable('w_template')) OR regexp_full_match(level3, '指标[\d一二三四五六七八九十]+[:：]?'));

-- ACT_IMPOSSIBLE
-- Days and months only where the name says that they are counted within the year: terms of contracts, days without accident run over years.
-- A form without a year may be of a leap year.
WITH said AS (
    SELECT form_id, indicator_no, label, horizon, level3, fiscal_year, 'actual_text' AS field, actual_text AS printed, actual_value AS value, actual_unit AS unit FROM check_row
    WHERE evaluated AND named AND actual_value > 12 AND actual_unit IN ('天', '日', '工作日', '月', '小时', '时')
    UNION ALL
    SELECT form_id, indicator_no, label, horizon, level3, fiscal_year, 'target_text', target_text, target_value, target_unit FROM check_row
    WHERE named AND target_kind = 'duration' AND target_value > 12 AND target_unit IN ('天', '日', '工作日', '月', '小时', '时')
),
dated AS (
    SELECT form_id, indicator_no, label, field, printed,
        try_cast(regexp_extract(printed, '(?:^|\D)(\d{1,2})\s*月\s*\d{1,2}\s*[日号]', 1) AS INTEGER) AS month, try_cast(regexp_extract(printed, '(?:^|\D)\d{1,2}\s*月\s*(\d{1,2})\s*[日号]', 1) AS INTEGER) AS day
    FROM (
        SELECT form_id, indicator_no, label, 'actual_text' AS field, actual_text AS printed FROM check_row WHERE evaluated AND named AND contains(actual_text, '月')
        UNION ALL SELECT form_id, indicator_no, label, 'target_text', target_text FROM check_row WHERE named AND contains(target_text, '月')
    ) WHERE regexp_matches(printed, '(?:^|\D)\d{1,2}\s*月\s*\d{1,2}\s*[日号]')
),
limits AS (
    SELECT *, CASE WHEN unit IN ('小时', '时') THEN CASE WHEN per_day THEN 24 WHEN per_week THEN 168 END
            WHEN unit IN ('天', '日', '工作日') AND NOT per_day THEN CASE WHEN per_week THEN 7 WHEN fiscal_year % 4 <> 0 THEN 365 ELSE 366 END
            WHEN unit = '月' THEN 12 END AS most
    FROM (
        SELECT *, regexp_matches(concat(level3, printed), '每天|每日|日均|/天|/日') AS per_day, regexp_matches(concat(level3, printed), '每周|周均|/周') AS per_week FROM said
    )
    WHERE horizon IS DISTINCT FROM 'long_term' AND NOT regexp_matches(concat(level3, printed), getvariable('w_over_years'))
        AND (per_day OR per_week OR regexp_matches(concat(level3, printed), getvariable('w_within_year')))
),
found AS (
    SELECT form_id, indicator_no, label, field, printed, '≤ ' || most AS expected,
        CASE WHEN most = 24 THEN '一天只有 24 小时' WHEN most = 168 THEN '一周只有 168 小时' WHEN most = 7 THEN '一周只有 7 天' WHEN most = 12 THEN '一年只有 12 个月' ELSE '一年只有 ' || most || ' 天' END AS said
    FROM limits WHERE value > most
    UNION ALL
    -- a count below nothing
    SELECT form_id, indicator_no, label, 'actual_text', actual_text, '≥ 0', '个数不会是负数' FROM check_row
    WHERE evaluated AND named AND target_kind = 'quantity' AND target_value > 0 AND target_operator IN ('>=', '>', '=') IS NOT false
        AND regexp_full_match(actual_text, '\s*[-－−]\s*\d[\d,]*(?:\.\d+)?\s*\p{Han}{0,3}') AND NOT regexp_matches(concat(level3, target_text), getvariable('w_may_fall'))
    UNION ALL
    SELECT form_id, indicator_no, label, field, printed, '日历上的日期', '没有这一天'
    FROM dated WHERE month NOT BETWEEN 1 AND 12 OR day NOT BETWEEN 1 AND CASE WHEN month = 2 THEN 29 WHEN month IN (4, 6, 9, 11) THEN 30 ELSE 31 END
)
SELECT form_id, indicator_no, field, printed, expected, label || '写作「' || printed || '」，' || said || '，请核对。' AS message
FROM found
QUALIFY row_number() OVER (PARTITION BY form_id, indicator_no ORDER BY field) = 1;

-- TGT_TIMELINESS_NO_DATE
SELECT form_id, indicator_no, 'target_text' AS field, target_text AS printed,
    label || '的目标「' || short(said(target_text, unit_text), 60) || '」没有写明时间，请写到日期或天数。' AS message
FROM check_row WHERE named AND class2 = 'timeliness' AND target_kind IN ('text', 'grade') AND NOT regexp_matches(target_text, '[\d一二三四五六七八九十半]|年|月|季|全年|当[天日]|次日|即日');

-- ACT_SATISFACTION_EXACT_100
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的满意度恰为 ' || actual_text || '，请核对调查方式和样本。' AS message
FROM check_row
WHERE evaluated AND named AND is_satisfaction AND actual_kind = 'ratio' AND actual_operator IS NULL AND actual_value = 100
    AND NOT regexp_matches(bare(level3), getvariable('w_better_down'));

-- MON_PROGRESS
-- The result of so many months beside that share of the year's target; only of what is counted and may grow over the year.
WITH month AS (
    SELECT form_id, max(try_cast(month AS INTEGER)) AS month FROM (
        SELECT form_id, regexp_extract(title, '(?:[1１]\s*[-－—~～至到]\s*)?(\d{1,2})\s*月', 1) AS month FROM check_form WHERE form_kind = 'monitoring'
        UNION ALL
        SELECT form_id, regexp_extract(concat(label, value), '[1１]月?\s*[-－—~～至到]\s*(\d{1,2})\s*月', 1) FROM attribute SEMI JOIN (FROM check_form WHERE form_kind = 'monitoring') AS f USING (form_id)
    ) GROUP BY form_id HAVING max(try_cast(month AS INTEGER)) BETWEEN 1 AND 12
),
progress AS (
    SELECT r.*, m.month, r.actual_value * 1200 / (r.target_value * m.month) AS share
    FROM check_row AS r JOIN month AS m USING (form_id)
    WHERE r.named AND r.form_kind = 'monitoring' AND r.target_kind IN ('quantity', 'money') AND r.target_value > 0 AND NOT r.is_cost
        AND r.actual_value IS NOT NULL AND r.actual_operator IS NULL AND r.attainment_pct IS NOT NULL AND NOT contains(r.compare_basis, 'bare_down')
        AND (r.target_operator IS NULL OR r.target_operator IN ('>=', '>', '='))
)
SELECT form_id, indicator_no, CASE WHEN share < getvariable('t_progress_low_pct') THEN 'warning' ELSE 'info' END AS severity,
    'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '到 ' || month || ' 月完成「' || said(actual_text, unit_text) || '」，全年目标为「' || said(target_text, unit_text) || '」，为按月进度的 ' || two(share) || '%，'
        || CASE WHEN share > getvariable('t_progress_high_pct') THEN '进度超前，请核对目标是否偏低。' ELSE '进度偏慢，' || CASE WHEN has_reason THEN '所填原因为「' || short(deviation, 60) || '」，请写明改进措施。' ELSE '请说明原因。' END END AS message
FROM progress WHERE share < getvariable('t_progress_due_pct') OR share > getvariable('t_progress_high_pct')
UNION ALL
-- what is expected of the year falls short, and the form says that the target will be reached
SELECT form_id, indicator_no, 'warning', 'target_text', expected, target_text, label || '全年预计「' || expected || '」，未到目标「' || target_text || '」，完成目标的可能性却写「' || likely || '」，请核对。'
FROM (
    SELECT r.form_id, r.indicator_no, any_value(r.label) AS label, any_value(r.target_text) AS target_text, any_value(r.target_value) AS target, any_value(r.target_unit) AS unit,
        any_value(a.value) FILTER (regexp_matches(a.label, '预计')) AS expected, any_value(a.value) FILTER (regexp_matches(a.label, '可能性')) AS likely
    FROM check_row AS r JOIN attribute AS a ON a.form_id = r.form_id AND a.section = r.level3
    WHERE r.form_kind = 'monitoring' AND r.named AND r.target_kind IN ('quantity', 'ratio') AND r.target_operator IN ('>=', '>')
    GROUP BY r.form_id, r.indicator_no
)
WHERE regexp_full_match(likely, '确定能|能完成|能|可以完成') AND regexp_full_match(expected, '[\d.]+' || regexp_escape(coalesce(unit, ''))) AND try_cast(regexp_extract(expected, '[\d.]+') AS DECIMAL(24, 6)) < target;
