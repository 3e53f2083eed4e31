-- Checks of the points. Long-term lists are left out: their rows repeat the annual ones.

-- WGT_LEVEL1_SUM
SELECT form_id, 'weight' AS field, num(sum(weight)) AS printed, num(max(level1_points)) AS expected,
    '「' || any_value(level1) || '」各项权重之和 ' || num(sum(weight)) || '（' || string_agg(num(weight), '＋' ORDER BY indicator_no) || '）与所印分值 '
        || num(max(level1_points)) || ' 分不符，请核对各项权重。' AS message
FROM check_row ANTI JOIN check_heading USING (form_id, indicator_no)
WHERE level1_points IS NOT NULL AND horizon IS DISTINCT FROM 'long_term'
GROUP BY form_id, level1
HAVING count(weight) > 0 AND min(level1_points) = max(level1_points) AND abs(sum(weight) - max(level1_points)) > 0.01;

-- WGT_TOTAL_NOT_100
-- What the printed total has beyond the rows is the weight of the execution where that was not read. Where the points in brackets say 100 it
-- is a level 1 that does not add up, which WGT_LEVEL1_SUM tells. Rows of 100 points whose scores alone are the printed total leave the execution
-- out of both (另行计分).
WITH bracket AS (
    SELECT form_id, sum(points) AS points, sum(weights) AS weights, bool_and(points IS NOT NULL) AS complete, bool_or(abs(points - weights) > 0.01) AS off FROM (
        SELECT form_id, level1, max(level1_points) AS points, coalesce(sum(weight), 0) AS weights
        FROM check_row ANTI JOIN check_heading USING (form_id, indicator_no) WHERE horizon IS DISTINCT FROM 'long_term' AND NOT extra AND NOT execution_row GROUP BY ALL
    ) GROUP BY form_id
),
read_total AS (
    SELECT f.* EXCLUDE (execution_weight), p.*,
        coalesce(f.execution_weight, CASE WHEN NOT p.has_execution_row AND f.total_weight - p.weights BETWEEN 1 AND 30 THEN f.total_weight - p.weights END) AS execution_weight,
        f.execution_weight IS NULL AND NOT p.has_execution_row AND abs(p.weights - 90) <= 0.01 AS execution_not_printed,
        abs(p.weights - 100) <= 0.01 AND (p.has_execution_row OR coalesce(f.execution_score > 0 AND abs(f.total_score - p.scores) <= 0.01, false)) AS without_execution
    FROM check_form AS f JOIN check_points AS p USING (form_id)
    WHERE f.prints_weight
),
total AS (SELECT *, weights + coalesce(execution_weight, 0) AS total FROM read_total)
SELECT form_id, 'weight' AS field, num(total) AS printed, '100' AS expected,
    '各项权重合计 ' || num(weights) || coalesce('，加预算执行率权重 ' || num(execution_weight), '') || '，共 ' || num(total) || ' 分，应为 100 分。' AS message
FROM total
WHERE abs(total - 100) > 0.01 AND NOT execution_not_printed AND NOT without_execution AND form_id NOT IN (
    SELECT form_id FROM bracket JOIN total AS t USING (form_id) WHERE off AND complete AND abs(bracket.points + coalesce(t.execution_weight, 0) - 100) <= 0.01
);

-- WGT_TOTAL_PRINTED
SELECT form_id, 'total_weight' AS field, num(total_weight) AS printed, num(weights + coalesce(execution_weight, 0)) AS expected,
    '总分栏所印权重 ' || num(total_weight) || ' 与各项权重之和 ' || num(weights + coalesce(execution_weight, 0)) || ' 不符，请核对总分行。' AS message
FROM check_form JOIN check_points USING (form_id)
WHERE prints_weight AND total_weight <> 100 AND abs(total_weight - weights) > 0.01 AND abs(total_weight - all_weights) > 0.01 AND abs(total_weight - all_weights - coalesce(execution_weight, 0)) > 0.01 AND abs(total_weight - weights - coalesce(execution_weight, 0)) > 0.01
    AND NOT (execution_weight IS NULL AND NOT has_execution_row AND abs(total_weight - weights - 10) <= 0.01);

-- WGT_PROFILE_UNUSUAL
WITH points AS (
    SELECT f.form_id, coalesce(f.execution_weight, nullif(any_value(p.execution_weights), 0),
            CASE WHEN abs(any_value(p.weights) - 90) <= 0.01 THEN 10 ELSE 0 END) AS execution,
        coalesce(sum(r.weight) FILTER (r.class1 = 'output'), 0) AS output, coalesce(sum(r.weight) FILTER (r.class1 = 'cost'), 0) AS cost,
        coalesce(sum(r.weight) FILTER (r.class1 = 'benefit'), 0) AS benefit,
        coalesce(sum(r.weight) FILTER (r.class1 = 'satisfaction'), 0) AS satisfaction,
        coalesce(sum(r.weight) FILTER (r.class1 IS NULL OR r.class1 = 'management'), 0) AS others
    FROM check_form AS f JOIN check_points AS p USING (form_id) JOIN check_row AS r USING (form_id)
    WHERE f.form_kind = 'self_evaluation' AND f.prints_weight AND r.horizon IS DISTINCT FROM 'long_term'
    GROUP BY f.form_id, f.execution_weight HAVING count(r.class1) > 0
)
SELECT form_id, 'weight' AS field,
    concat_ws('/', num(execution), num(output), num(cost), num(benefit), num(satisfaction)) AS printed,
    '执行 ' || num(execution) || '、产出 ' || num(output) || '、成本 ' || num(cost) || '、效益 ' || num(benefit) || '、满意度 ' || num(satisfaction)
        || CASE WHEN others > 0 THEN '、其他 ' || num(others) ELSE '' END || ' 的分值结构不在常见结构之列，请核对当地规定。' AS message
FROM points
WHERE abs(execution + output + cost + benefit + satisfaction + others - 100) <= 0.01
    AND (round(execution, 1), round(output, 1), round(cost, 1), round(benefit, 1), round(satisfaction, 1)) NOT IN (SELECT (p.execution, p.output, p.cost, p.benefit, p.satisfaction) FROM check_profile AS p);

-- WGT_LEVEL_UNKNOWN
-- One finding a level. A form none of whose levels 1 is known follows another system of indicators (an expert's score card): one remark.
WITH own_system AS (
    SELECT form_id FROM check_row WHERE level1 IS NOT NULL GROUP BY form_id HAVING bool_and(class1 IS NULL)
),
odd AS (
    SELECT form_id, level1, CASE WHEN class1 IS NOT NULL THEN level2 END AS level2, min(indicator_no) AS indicator_no,
        CASE WHEN any_value(class1) IS NULL THEN 'level1' ELSE 'level2' END AS field,
        CASE WHEN any_value(class1) IS NULL THEN '一级指标「' || level1 || '」不在指标目录中'
            WHEN any_value(class2) IS NULL THEN '二级指标「' || any_value(r.level2) || '」不在指标目录中'
            ELSE '二级指标「' || any_value(r.level2) || '」不应归在「' || level1 || '」之下' END AS what
    FROM check_row AS r
    WHERE form_kind IN ('self_evaluation', 'target') AND level1 IS NOT NULL AND form_id NOT IN (SELECT form_id FROM check_row WHERE class1 = 'management')
        AND NOT regexp_matches(CASE WHEN class1 IS NULL THEN level1 ELSE r.level2 END, getvariable('w_head_line'))
        AND (class1 IS NULL OR class1 NOT IN ('management', 'execution') AND prints_level3 AND r.level2 IS NOT NULL AND (class2 IS NULL OR NOT list_contains(under, class1)))
    GROUP BY form_id, level1, CASE WHEN class1 IS NOT NULL THEN r.level2 END
)
SELECT form_id, indicator_no, NULL AS severity, field, CASE field WHEN 'level1' THEN level1 ELSE level2 END AS printed,
    '第 ' || indicator_no || ' 项指标的' || what || '，请按指标目录核对层级。' AS message, NULL AS verdict
FROM odd ANTI JOIN own_system USING (form_id)
UNION ALL
SELECT form_id, NULL, 'warning', 'level1', string_agg(level1, '、' ORDER BY indicator_no),
    '一级指标「' || string_agg(level1, '、' ORDER BY indicator_no) || '」都不在指标目录中，本表可能另用一套指标体系，请核对。', 'none'
FROM odd SEMI JOIN own_system USING (form_id) GROUP BY form_id;

-- WGT_REQUIRED_LEVEL2
-- An unknown or misplaced level may be the one that is missing under its level 1.
WITH there AS (
    SELECT r.form_id, r.class1, r.level2 IS NOT NULL AND (r.class2 IS NULL OR NOT list_contains(r.under, r.class1)) AS odd,
        coalesce(CASE WHEN r.class1 = 'cost' THEN 'cost' END, CASE WHEN r.is_cost THEN 'cost' END, r.class2) AS class
    FROM check_row AS r JOIN check_form AS f USING (form_id)
    WHERE f.prints_level2 AND f.form_kind IN ('self_evaluation', 'target') AND r.horizon IS DISTINCT FROM 'long_term' AND r.class1 IS NOT NULL
        AND r.form_id NOT IN (SELECT form_id FROM check_row WHERE class1 IS NULL AND level1 IS NOT NULL)
),
usual AS (
    SELECT form_id, list(DISTINCT class) AS classes, coalesce(list(DISTINCT class1) FILTER (odd), []) AS odd_under FROM there GROUP BY form_id
    HAVING list_has_any(classes, ['quantity', 'quality', 'timeliness'])
),
missing AS (
    SELECT form_id, list_transform(list_filter([
            ('数量', ['quantity'], ['output']), ('质量', ['quality'], ['output']), ('时效', ['timeliness'], ['output']), ('成本', ['cost'], ['output', 'cost']),
            ('效益', (SELECT list(class) FROM check_required WHERE side = 'benefit'), ['benefit'])
        ], lambda due: NOT list_has_any(classes, due[2]) AND NOT list_has_any(odd_under, due[3])), lambda due: due[1]) AS names
    FROM usual
)
SELECT form_id, 'level2' AS field, array_to_string(names, '、') AS expected,
    '本表没有' || array_to_string(names, '、') || '类指标，数量、质量、时效、成本和至少一项效益指标应齐全。' AS message
FROM missing WHERE len(names) > 0;

-- WGT_ON_EMPTY_INDICATOR
SELECT form_id, indicator_no, 'weight' AS field, num(weight) AS printed, '0' AS expected,
    label || CASE WHEN unnamed THEN '印有' || concat_ws('、', '目标「' || short(target_text, 40) || '」', '实际值「' || short(actual_text, 40) || '」') || '而没有三级指标的名称，权重 ' || num(weight) || ' 分，请补写指标名称。'
        ELSE '没有三级指标，却有权重 ' || num(weight) || ' 分，请补设指标或取消权重。' END AS message
FROM check_row ANTI JOIN check_heading USING (form_id, indicator_no)
WHERE prints_level3 AND NOT named AND NOT execution_row AND NOT extra AND weight > 0;

-- WGT_ZERO_ON_REAL_INDICATOR
SELECT form_id, indicator_no, 'weight' AS field, num(weight) AS printed, '> 0' AS expected,
    label || '设了目标「' || short(target_text, 60) || '」而权重为 0，请核对权重。' AS message
FROM check_row
WHERE prints_weight AND named AND NOT extra AND weight = 0 AND target_text IS NOT NULL AND target_kind NOT IN ('not_applicable', 'empty');

-- WGT_CONCENTRATION
WITH shares AS (
    SELECT *, coalesce(level1_points, sum(weight) OVER (PARTITION BY form_id, level1)) AS points
    FROM check_row WHERE horizon IS DISTINCT FROM 'long_term' AND level1 IS NOT NULL
)
SELECT form_id, indicator_no, CASE WHEN target_kind IN ('grade', 'text') THEN 'warning' ELSE 'info' END AS severity,
    'weight' AS field, num(weight) AS printed, num(points) AS expected,
    label || '一项占「' || level1 || '」' || num(points) || ' 分中的 ' || num(weight) || ' 分，权重过于集中，请细化指标。' AS message
FROM shares
WHERE named AND NOT execution_row AND points >= getvariable('t_concentration_points') AND weight * 100 >= points * getvariable('t_concentration_pct');

-- WGT_ALL_EQUAL
SELECT form_id, 'weight' AS field, num(min(weight)) AS printed,
    '全部 ' || count(*) || ' 项产出指标的权重都是 ' || num(min(weight)) || ' 分，没有主次之分，请按重要程度分配。' AS message
FROM check_row WHERE class1 = 'output' AND named AND weight > 0 AND horizon IS DISTINCT FROM 'long_term'
GROUP BY form_id HAVING count(*) > 2 AND min(weight) = max(weight);

-- WGT_SATISFACTION_SPLIT
WITH parts AS (
    SELECT form_id, level2, sum(weight) AS weight, min(indicator_no) AS place FROM check_row
    WHERE form_kind = 'self_evaluation' AND is_satisfaction AND weight IS NOT NULL AND horizon IS DISTINCT FROM 'long_term' GROUP BY form_id, level2
),
splits AS (
    SELECT form_id, area, fiscal_year, department_key, string_agg(num(weight), '+' ORDER BY place) AS split
    FROM parts JOIN check_form USING (form_id) WHERE department_key IS NOT NULL GROUP BY ALL
),
counted AS (SELECT area, fiscal_year, department_key, split, count(*) AS forms FROM splits GROUP BY ALL),
usual AS (
    SELECT area, fiscal_year, department_key, arg_max(split, forms) AS usual FROM counted
    GROUP BY ALL HAVING count(*) > 1 AND max(forms) * 2 > sum(forms)
)
SELECT s.form_id, 'weight' AS field, s.split AS printed, u.usual AS expected,
    '满意度分值拆分为 ' || s.split || '，而同部门同年的表多为 ' || u.usual || '，请统一。' AS message
FROM splits AS s JOIN usual AS u
    ON s.department_key = u.department_key AND s.area = u.area AND s.fiscal_year IS NOT DISTINCT FROM u.fiscal_year
WHERE s.split <> u.usual;
