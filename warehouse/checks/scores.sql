-- Checks of scores and the reasons given for lost points. Only forms that report results; mid-year monitoring is not scored.

-- SCR_INVALID
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, '≥ 0' AS expected,
    label || '的得分 ' || num(score) || ' 为负数，得分应不小于 0。' AS message, NULL AS verdict
FROM check_row WHERE score < 0 AND NOT extra
UNION ALL
SELECT f.form_id, v.indicator_no, 'score', p.text, '数字',
    CASE WHEN regexp_matches(p.text, getvariable('w_formula_error')) THEN '分数印作「' || p.text || '」，是文件里的公式出了错，请在原文件中重新计算后再导出。'
        ELSE '分数「' || coalesce(p.text, '') || '」读不成数，请对照原件。' END,
    CASE WHEN regexp_matches(p.text, getvariable('w_formula_error')) THEN 'filer' ELSE 'reader' END
FROM problem AS p JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
LEFT JOIN check_unscored AS v ON v.form_id = f.form_id AND v.problem_id = p.problem_id
WHERE p.code = 'BAD_VALUE' AND starts_with(p.message, '分数');

-- SCR_GT_WEIGHT
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, '≤ ' || num(weight) AS expected,
    label || '的得分 ' || num(score) || ' 超过权重 ' || num(weight) || '，请核对得分。' AS message
FROM check_row WHERE evaluated AND weight > 0 AND score > weight;

-- SCR_MISSING
-- A score that is printed but does not read (check_unscored) is told by SCR_INVALID.
SELECT form_id, indicator_no, CASE WHEN weight > 0 THEN 'error' ELSE 'info' END AS severity, 'score' AS field, '空白' AS printed,
    CASE WHEN weight > 0 THEN '0–' || num(weight) ELSE '0' END AS expected,
    label || '的权重为 ' || num(weight) || '，得分空白，' || CASE WHEN weight > 0 THEN '请补填得分。' ELSE '宜写 0。' END AS message
FROM check_row ANTI JOIN check_unscored USING (form_id, indicator_no) ANTI JOIN check_heading USING (form_id, indicator_no)
WHERE evaluated AND prints_score AND score IS NULL AND weight IS NOT NULL AND NOT execution_row;

-- SCR_TOTAL_MISMATCH
-- A score above its weight is told by SCR_GT_WEIGHT; the total may count it capped. Where the execution score is not printed,
-- anything up to its weight may be missing from the sum.
WITH total AS (
    SELECT f.form_id, f.total_score, t.total_text, f.execution_score, p.scores, p.listed, p.scores + coalesce(f.execution_score, 0) AS due,
        p.capped_scores + coalesce(f.execution_score, 0) AS capped_due,
        CASE WHEN f.execution_score IS NULL AND NOT p.has_execution_row THEN coalesce(f.execution_weight, 10) ELSE 0 END + p.unscored AS open_points,
        p.has_execution_row OR abs(f.total_weight - p.weights) <= 0.01 AS may_leave_out_execution
    FROM check_form AS f JOIN check_points AS p USING (form_id) LEFT JOIN check_printed AS t USING (form_id)
    WHERE f.evaluated AND f.prints_score AND f.total_score IS NOT NULL
)
SELECT form_id, 'total_score' AS field, num(total_score) AS printed, num(due) AS expected,
    '总分 ' || num(total_score) || ' 与' || coalesce('预算执行得分 ' || num(execution_score) || ' 加', '') || '各项指标得分之和 ' || num(scores) || coalesce('（' || listed || '）', '')
        || CASE WHEN execution_score IS NULL THEN '' ELSE ' 共 ' || num(due) END || ' 不符，请核对各项得分。' AS message
FROM total
WHERE NOT (total_score BETWEEN due - 0.01 AND due + open_points + 0.01) AND abs(total_score - capped_due) > 0.01
    AND NOT (may_leave_out_execution AND abs(total_score - scores) <= 0.01) AND NOT coalesce(decimals_of(total_text) = 1 AND total_score = round(due, 1), false);

-- SCR_MISSED_BUT_FULL
-- Where the form gives a rule by which nothing is deducted that is for a person to judge.
SELECT form_id, indicator_no, CASE WHEN excused THEN 'warning' ELSE 'error' END AS severity, 'score' AS field, num(score) AS printed, '< ' || num(weight) AS expected,
    label || '的实际值「' || said(actual_text, unit_text) || '」未达目标「' || said(target_text, unit_text) || '」，却得满分 ' || num(score) || CASE WHEN has_reason THEN '，所填原因为「' || short(deviation, 60) || '」' ELSE '' END
        || CASE WHEN excused THEN '，请核对不扣分的依据。' ELSE '，请核对得分。' END AS message, CASE WHEN excused THEN 'none' END AS verdict
FROM (SELECT *, coalesce(cites_rule OR regexp_matches(deviation, getvariable('w_not_deducted')), false) AS excused FROM check_row)
 check_row WHERE evaluated AND NOT met AND weight > 0 AND score >= weight;

-- SCR_MET_BUT_LOST
-- A grade that is reached earns anything from 80 % of the weight.
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, num(weight) AS expected,
    label || '的实际值「' || said(actual_text, unit_text) || '」已达目标「' || said(target_text, unit_text) || '」，却只得 ' || num(score) || ' 分（权重 ' || num(weight) || '）' || coalesce('，所填原因为「' || short(deviation, 40) || '」', '') || '，请核对扣分原因。' AS message
FROM check_row
WHERE evaluated AND met AND score >= 0 AND score < weight AND NOT cites_rule AND NOT weight_is_off AND NOT execution_row
    AND NOT (target_kind = 'grade' AND score * 100 >= weight * getvariable('t_grade_reached_pct'));

-- SCR_PROPORTION_MISMATCH
-- Many round the share, or the points, to whole numbers. A row whose own rule the form prints (评分标准: 每少1个扣5分) is scored by that.
WITH missed AS (
    SELECT *, weight * least(attainment_pct, 100) / 100 AS due,
        CASE WHEN target_operator IN ('<=', '<') AND attainment_pct < 200 THEN weight * 100 / (200 - attainment_pct) END AS other_due
    FROM check_row WHERE evaluated AND NOT met AND attainment_pct IS NOT NULL AND score >= 0 AND score < weight AND NOT cites_rule AND NOT weight_is_off
),
ruled AS (
    SELECT form_id, section AS level3 FROM attribute SEMI JOIN missed USING (form_id)
    WHERE regexp_matches(label, getvariable('w_score_rule')) AND regexp_matches(value, getvariable('w_own_rule'))
)
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed,
    two(due) || CASE WHEN other_due IS NULL THEN '' ELSE ' 或 ' || two(other_due) END AS expected,
    label || '完成比例为 ' || num(attainment_pct) || '%（目标「' || said(target_text, unit_text) || '」，实际「' || said(actual_text, unit_text) || '」），按权重 ' || num(weight) || ' 应得 ' || two(due)
        || CASE WHEN other_due IS NULL THEN '' ELSE '（或 ' || two(other_due) || '）' END || ' 分，所印为 ' || num(score) || ' 分' || coalesce('，所填原因为「' || short(deviation, 40) || '」', '') || '，请核对得分。' AS message
FROM missed ANTI JOIN ruled USING (form_id, level3)
WHERE abs(score - due) > 0.05 AND (other_due IS NULL OR abs(score - other_due) > 0.05)
    AND abs(score - weight * round(least(attainment_pct, 100)) / 100) > 0.01 AND abs(score - round(due)) > 0.001;

-- SCR_REASON_MISSING
-- Only where the form has a column for reasons.
SELECT form_id, indicator_no, 'deviation' AS field, deviation AS printed, '实质原因' AS expected,
    label || '得 ' || num(score) || ' 分（权重 ' || num(weight) || '），扣了 ' || num(weight - score) || ' 分而'
        || coalesce('只填「' || short(deviation, 40) || '」，', '') || '没有说明原因，请补填偏差原因。' AS message
FROM check_row
WHERE evaluated AND prints_deviation AND score >= 0 AND score < weight AND NOT has_reason AND NOT tells_reason AND NOT tells_note AND NOT execution_row AND NOT weight_is_off
    AND (named OR NOT prints_level3);

-- SCR_REASON_ON_EMPTY_ROW
SELECT form_id, indicator_no, 'deviation' AS field, deviation AS printed,
    label || '没有指标，却填了偏差原因「' || short(deviation, 60) || '」，请删去或补设指标。' AS message
FROM check_row
WHERE evaluated AND prints_level3 AND NOT named AND NOT execution_row AND NOT extra AND deviation IS NOT NULL
    AND NOT regexp_full_match(deviation, '[\s/／\-—–]*') AND coalesce(target_kind, 'empty') IN ('empty', 'not_applicable');

-- SCR_OVERACHIEVED_UNEXPLAINED
-- A text on the results that quotes the figure and names a cause explains it. A growth of 4 % for 3 % is one percent more, no third.
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, target_text AS expected,
    label || '的实际值「' || said(actual_text, unit_text) || '」为目标「' || said(target_text, unit_text) || '」的 ' || num(attainment_pct) || '%，超过 '
        || getvariable('t_overachieved_pct') || '% 而没有说明原因，' || CASE WHEN is_satisfaction THEN '请核对目标是否偏低。' ELSE '请补充原因，目标偏低的请调整。' END AS message
FROM check_row
WHERE evaluated AND attainment_pct > getvariable('t_overachieved_pct') AND (target_operator IS NULL OR target_operator IN ('>=', '>', '=')) AND NOT has_reason
    AND NOT contains(compare_basis, 'bare_down') AND NOT (target_kind = 'ratio' AND regexp_matches(target_text, getvariable('w_change')))
    AND NOT EXISTS (FROM check_form AS f WHERE f.form_id = check_row.form_id AND contains(f.goal_actual, check_row.actual_text) AND regexp_matches(f.goal_actual, getvariable('w_causal')));

-- SCR_NA_FULL_MARKS
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, '0' AS expected,
    label || '没有指标' || coalesce('（' || short(actual_text, 40) || '）', '') || '，却得 ' || num(score)
        || ' 分，请核对得分。' AS message
FROM check_row
WHERE evaluated AND prints_level3 AND NOT named AND NOT execution_row AND score > 0 AND NOT unnamed AND NOT extra
UNION ALL
-- a name, and the target says that there is none
SELECT form_id, indicator_no, 'score', num(score), '0', label || '的目标写「' || said(target_text, unit_text) || '」，却得 ' || num(score) || ' 分，请核对得分。'
FROM check_row
WHERE evaluated AND named AND NOT execution_row AND NOT extra AND score > 0 AND target_kind = 'not_applicable' AND regexp_matches(target_text, '\p{Han}')
    AND coalesce(actual_kind, 'empty') IN ('empty', 'not_applicable');

-- SCR_NONZERO_ON_ZERO_WEIGHT
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, '0' AS expected,
    label || '的权重为 0，却得 ' || num(score) || ' 分，请核对权重和得分。' AS message
FROM check_row WHERE evaluated AND weight = 0 AND score > 0 AND NOT extra;

-- SCR_QUALITATIVE_BAND
-- The bands that the form prints (some provinces: 100-80, 80-50, 50-0), else the national ones.
WITH banded AS (
    SELECT r.*, b.inclusive, CASE WHEN b.low = 0.6 AND r.second_band BETWEEN 30 AND 79 THEN r.second_band / 100 ELSE b.low END::DECIMAL(9, 4) AS low,
        CASE WHEN b.high = 0.6 AND r.second_band BETWEEN 30 AND 79 THEN r.second_band / 100 ELSE b.high END::DECIMAL(9, 4) AS high
    FROM check_row AS r JOIN check_band AS b ON b.name = regexp_replace(r.actual_text, '[\s　。.，,、]', '', 'g')
    WHERE r.evaluated AND r.weight > 0 AND r.score <= r.weight
)
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, num(weight * low) || '–' || num(weight * high) AS expected,
    label || '自报「' || said(actual_text, unit_text) || '」，按' || CASE WHEN second_band IS NULL THEN '财预〔2020〕10号的分档' ELSE '本表所印的分档' END || '得分应在权重 ' || num(weight) || ' 的 '
        || num((low * 100)::DECIMAL(9, 2)) || '%–' || num((high * 100)::DECIMAL(9, 2)) || '% 之间，所印为 ' || num(score) || ' 分，请核对。' AS message
FROM banded
WHERE NOT (score >= weight * low AND (score < weight * high OR inclusive AND score <= weight * high));

-- SCR_QUALITATIVE_FULL_NO_EVIDENCE
-- Not what somebody else found: 验收等级 合格.
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed, '实际情况' AS expected,
    label || '的实际值照抄目标「' || short(said(target_text, unit_text), 60) || '」，表上未见佐证而得满分 ' || num(score) || '，请写明实际情况并附佐证。' AS message
FROM check_row
WHERE evaluated AND named AND weight > 0 AND score = weight AND target_kind IN ('grade', 'text') AND folded(actual_text) = folded(target_text)
    AND NOT (regexp_full_match(folded(target_text), getvariable('w_awarded')) AND regexp_matches(level3, getvariable('w_awarding')));

-- SCR_SATISFACTION_BAND
-- Only where the form prints its bands, and by those: the points of the highest limit that the result reaches.
WITH banded AS (
    SELECT *, list_transform(regexp_extract_all(satisfaction_bands, '\d+(?:\.\d+)?[%％][^;；。%％]{0,20}?\d+(?:\.\d+)?分'),
        lambda x: {'low': regexp_extract(x, '^(\d+)', 1)::INTEGER, 'points': regexp_extract(x, '(\d+(?:\.\d+)?)分$', 1)::DECIMAL(9, 2)}) AS bands
    FROM check_row
    WHERE evaluated AND satisfaction_bands IS NOT NULL AND is_satisfaction AND actual_kind = 'ratio' AND actual_operator IS NULL AND weight > 0
        AND NOT coalesce(regexp_matches(bare(level3), getvariable('w_better_down')), false)
),
due AS (
    SELECT *, coalesce(list_max(list_transform(list_filter(bands, lambda b: b.low <= actual_value), lambda b: b.points)), 0) AS due,
        list_max(list_transform(bands, lambda b: b.points)) AS most
    FROM banded WHERE len(bands) > 1
)
SELECT form_id, indicator_no, 'score' AS field, num(score) AS printed, num(due) AS expected,
    label || '的满意度为 ' || num(actual_value) || '%，按本表所印的分档得 ' || num(due) || ' 分，所印为 ' || num(score) || ' 分，请核对。' AS message
FROM due WHERE most = weight AND score > due + 0.05;

-- SCR_FULL_MARKS_EVERYWHERE
SELECT form_id, 'score' AS field, num(other_scores) AS printed,
    '预算执行率以外的 ' || num(other_weights) || ' 分全部得满（' || num(other_scores) || ' 分），请核对评分依据。' AS message
FROM check_points JOIN check_form USING (form_id)
WHERE evaluated AND weighted_rows > 2 AND other_scores = other_weights AND other_weights > 0;

-- SCR_GAP_TO_EXECUTION
WITH share AS (
    SELECT form_id, other_scores, other_weights,
        coalesce(execution_score / nullif(execution_weight, 0), least(executed_yuan / nullif(budget_yuan, 0), 1)) AS execution,
        other_scores / nullif(other_weights, 0) AS others
    FROM check_points JOIN check_form USING (form_id)
    WHERE evaluated AND prints_score AND weighted_rows > 2 AND budget_yuan IS DISTINCT FROM 0
)
SELECT form_id, 'execution_score' AS field, two(execution * 100) || '%' AS printed, two(others * 100) || '%' AS expected,
    '预算执行率以外的得分率为 ' || two(others * 100) || '%，预算执行得分率为 ' || two(execution * 100) || '%，相差 '
        || num((two(others * 100)::DECIMAL(9, 2) - two(execution * 100)::DECIMAL(9, 2))::VARCHAR) || ' 个百分点，超过前者的 ' || getvariable('t_gap_pct') || '%，请核对各项指标得分的依据。' AS message
FROM share WHERE others > 0 AND (others - execution) / others * 100 > getvariable('t_gap_pct') + 0.000001;

-- SCR_GRADE_MISMATCH
WITH graded AS (
    SELECT f.form_id, f.grade, f.total_score, g.grade AS printed, due.grade AS due
    FROM check_form AS f
    JOIN check_grade AS g ON g.name = bare(f.grade)
    JOIN (SELECT DISTINCT low, high, grade FROM check_grade) AS due ON f.total_score >= due.low AND f.total_score < due.high
    WHERE f.evaluated AND f.total_score BETWEEN 0 AND 100 AND coalesce(f.total_weight, 100) = 100
)
SELECT form_id, 'grade' AS field, grade AS printed, due AS expected,
    '总分 ' || num(total_score) || ' 应评为「' || due || '」，所印等级为「' || grade || '」。' AS message
FROM graded WHERE printed <> due;

-- SCR_EXPECTATION_PHRASE_FULL
SELECT form_id, indicator_no, 'actual_text' AS field, actual_text AS printed,
    label || '的实际值只写「' || said(actual_text, unit_text) || '」而得满分 ' || num(score) || '，表上未见实际情况，请写明完成了什么并附佐证。' AS message
FROM check_row
WHERE evaluated AND named AND weight > 0 AND score >= weight AND regexp_full_match(folded(actual_text), getvariable('w_expectation_phrase') || '[。.]?')
    AND folded(actual_text) IS DISTINCT FROM folded(target_text);

-- SCR_REASON_HOLLOW
SELECT form_id, indicator_no, 'deviation' AS field, deviation AS printed, '具体原因和措施' AS expected,
    label || '未得满分，偏差原因只写「' || short(deviation, 60) || '」，没有说清原因，请写明具体原因和改进措施。' AS message
FROM check_row
WHERE evaluated AND named AND (score < weight OR NOT met) AND has_reason
    AND (regexp_full_match(folded(deviation), '(?:' || getvariable('w_hollow_reason') || '[，,、。.；;和并及]*)+')
        OR length(deviation) >= 4 AND regexp_full_match(folded(deviation), '(?:' || getvariable('w_hollow_word') || '|[，,、。.；;和并及的地])+'));

-- SCR_REASON_CONTRADICTS
SELECT form_id, indicator_no, 'deviation' AS field, deviation AS printed, actual_text AS expected,
    label || '的实际值「' || said(actual_text, unit_text) || '」未达目标「' || said(target_text, unit_text) || '」，偏差原因却写「' || short(deviation, 60) || '」，两处矛盾，请核对。' AS message
FROM check_row
WHERE evaluated AND named AND NOT met AND regexp_matches(deviation, getvariable('w_success_reason')) AND NOT regexp_matches(deviation, getvariable('w_failure_reason'))
    AND NOT regexp_matches(deviation, '[未不没无难][^，。；]{0,4}' || getvariable('w_success_reason')) AND NOT regexp_matches(deviation, getvariable('w_causal'))
UNION ALL
-- another figure for what was done than the result
SELECT form_id, indicator_no, 'deviation', deviation, actual_text, label || '的实际值为「' || said(actual_text, unit_text) || '」，偏差原因却写「' || short(deviation, 60) || '」，两处的数不一致，请核对。'
FROM (
    SELECT *, regexp_extract(deviation, '实际[^，。；\d需报申符应可招]{0,8}(\d+(?:\.\d+)?)' || regexp_escape(coalesce(actual_unit, target_unit)), 1) AS said
    FROM check_row WHERE evaluated AND named AND actual_value IS NOT NULL AND actual_operator IS NULL AND coalesce(actual_unit, target_unit) IS NOT NULL AND actual_kind = 'quantity' AND contains(deviation, '实际')
)
WHERE said <> '' AND try_cast(said AS DECIMAL(24, 6)) <> actual_value;

-- SCR_REASON_WITHOUT_LOSS
-- A miss that scored full is SCR_MISSED_BUT_FULL; this is one of which only the reason tells.
SELECT form_id, indicator_no, 'deviation' AS field, deviation AS printed, '< ' || num(weight) AS expected,
    label || '的偏差原因写明「' || short(deviation, 60) || '」，却得满分 ' || num(score) || '，请核对是否应当扣分。' AS message
FROM check_row
WHERE evaluated AND named AND weight > 0 AND score >= weight AND met IS NOT false AND has_reason AND regexp_matches(deviation, getvariable('w_failure_reason'))
    AND NOT regexp_matches(deviation, getvariable('w_success_reason')) AND coalesce(attainment_pct, 0) <= getvariable('t_overachieved_pct');
