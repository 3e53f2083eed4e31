-- What the checks start from: macros, one row per form (check_form), one per indicator (check_row).
-- Names ending in _c are whole hundredths (分 of money, 0.01 points); arithmetic on them is exact.

-- macros
CREATE OR REPLACE TEMP MACRO num(x) AS CASE WHEN contains(x::VARCHAR, '.') THEN rtrim(rtrim(x::VARCHAR, '0'), '.') ELSE x::VARCHAR END;
CREATE OR REPLACE TEMP MACRO trimmed(digits) AS regexp_replace(digits, '(\.\d*[1-9])0+$|\.0*$', '\1');
CREATE OR REPLACE TEMP MACRO grouped(x) AS format('{:,}', trunc(x)::BIGINT) || regexp_extract(trimmed(x::VARCHAR), '\..*');
CREATE OR REPLACE TEMP MACRO in_unit(x, unit) AS trimmed(CASE unit WHEN '万元' THEN (x / 10000)::DECIMAL(24, 6)::VARCHAR WHEN '亿元' THEN (x / 100000000)::DECIMAL(28, 10)::VARCHAR
    WHEN '千元' THEN (x / 1000)::DECIMAL(24, 5)::VARCHAR ELSE x::VARCHAR END);
CREATE OR REPLACE TEMP MACRO yuan(x, unit) AS CASE WHEN unit IN ('万元', '亿元', '千元') THEN in_unit(x, unit) || ' ' || unit || '（' ELSE '' END || grouped(x)
    || CASE WHEN unit IN ('万元', '亿元', '千元') THEN ' 元）' ELSE ' 元' END;
CREATE OR REPLACE TEMP MACRO hundredths(x) AS (x * 100)::HUGEINT;
CREATE OR REPLACE TEMP MACRO half_up(n, d) AS (2 * n::HUGEINT + d::HUGEINT) // (2 * d::HUGEINT);
CREATE OR REPLACE TEMP MACRO dec2(c) AS num((c // 100)::VARCHAR || '.' || lpad((c % 100)::VARCHAR, 2, '0'));
CREATE OR REPLACE TEMP MACRO two(x) AS num(printf('%.2f', x::DOUBLE));
CREATE OR REPLACE TEMP MACRO half_unit_c(x, unit) AS CASE WHEN unit = '万元' AND x % 100 = 0 THEN 5000 ELSE 0 END;
CREATE OR REPLACE TEMP MACRO bare(x) AS regexp_replace(x, '[（(【\[][^）)】\]]*[）)】\]]|[\s:：、*★☆＊　]', '', 'g');
CREATE OR REPLACE TEMP MACRO level_stem(x) AS regexp_replace(
    regexp_replace(bare(regexp_replace(x, '^[\s　]*([一二三四五六七八九十]+|\d+)[、.．]', '')), '\d+(\.\d+)?分?$|等$', ''), getvariable('w_level_ending') || '+$', '');
CREATE OR REPLACE TEMP MACRO simplified(x) AS translate(x, getvariable('traditional'), getvariable('simplified'));
CREATE OR REPLACE TEMP MACRO link_said(method, score) AS CASE method WHEN 'code' THEN '项目编码相同' WHEN 'name' THEN '单位、名称相同' WHEN 'decision' THEN '人工认定'
    ELSE '综合得分 ' || num(round(score, 2)) END;
CREATE OR REPLACE TEMP MACRO short(x, n) AS CASE WHEN length(x) > n THEN left(x, n) || '…' ELSE x END;
-- What a cell says with the unit of its column (≥12 and 栋: ≥12栋).
CREATE OR REPLACE TEMP MACRO said(x, unit) AS CASE WHEN regexp_full_match(x, '\D*\d[\d,]*(\.\d+)?') AND regexp_full_match(unit, '[%％\p{Han}/]{1,6}') AND unit <> '/' THEN x || unit ELSE x END;
CREATE OR REPLACE TEMP MACRO folded(x) AS translate(regexp_replace(x, '[\s　]', '', 'g'), '（），；：％', '(),;:%');
CREATE OR REPLACE TEMP MACRO letters(x) AS regexp_replace(regexp_replace(x, '(19|20)\d\d年?度?', '', 'g'), '[^\p{L}\p{N}]', '', 'g');
CREATE OR REPLACE TEMP MACRO project_stem(x) AS regexp_replace(letters(x), '(项目|(工作|业务|专项|补助|运行)*(经费|资金)|专项)+$', '');
CREATE OR REPLACE TEMP MACRO is_reason(x) AS
    x IS NOT NULL AND NOT regexp_full_match(x, '[\s　]*' || getvariable('w_no_reason') || '?[\s　。.；;]*');
CREATE OR REPLACE TEMP MACRO decimals_of(x) AS coalesce(length(nullif(regexp_extract(x, '\d\.(\d+)', 1), '')), 0);

CREATE OR REPLACE TEMP MACRO sheet_of(page, locator) AS CASE WHEN page IS NOT NULL THEN page::VARCHAR WHEN contains(locator, '!') THEN split_part(locator, '!', 1)
    WHEN contains(locator, '/') THEN split_part(locator, '/', 1) WHEN locator IS NOT NULL THEN '' END;
CREATE OR REPLACE TEMP MACRO line_of(top, locator) AS CASE WHEN top IS NOT NULL THEN top::DOUBLE WHEN contains(locator, '!') THEN try_cast(regexp_extract(locator, '(\d+)$', 1) AS DOUBLE)
    WHEN contains(locator, '/') THEN try_cast(split_part(locator, '/', 2) AS DOUBLE) ELSE try_cast(split_part(locator, ':', 1) AS DOUBLE) END;

-- check_sum
CREATE OR REPLACE TABLE checks.check_sum AS
SELECT
    form_id,
    count(*) AS row_count,
    count(level2) > 0 AS prints_level2,
    count(level3) > 0 AS prints_level3,
    count(target_text) > 0 AS prints_target,
    count(actual_text) > 0 AS prints_actual,
    coalesce(sum(weight) FILTER (horizon IS DISTINCT FROM 'long_term'), 0) > 0 AS prints_weight,
    count(score) > 0 AS prints_score,
    bool_or(is_reason(deviation) AND regexp_matches(deviation, getvariable('w_low_execution'))) AS tells_execution,
    bool_or(is_reason(deviation) AND regexp_matches(deviation, getvariable('w_adjustment'))) AS tells_adjustment,
    min(deviation) FILTER (is_reason(deviation) AND regexp_matches(deviation, getvariable('w_execution_hint'))) AS execution_hint,
    count(unit_text) > 0 AS fills_unit,
    bit_xor(hash(*COLUMNS(* EXCLUDE (form_id, indicator_id)))) AS print_hash
FROM indicator
GROUP BY form_id;

-- check_told
CREATE OR REPLACE TABLE checks.check_told AS
SELECT
    form_id,
    bool_or(regexp_matches(label, '原因') AND is_reason(value)) AS tells_reason,
    bool_or(regexp_matches(label, '原因|说明|备注|问题|偏差') AND regexp_matches(value, getvariable('w_causal'))) AS tells_note,
    bool_or(regexp_matches(value, getvariable('w_low_execution')) AND (regexp_matches(label, '原因|说明|问题|措施') OR regexp_matches(label, '备注') AND regexp_matches(value, getvariable('w_causal')))) AS tells_execution,
    bool_or(regexp_matches(value, getvariable('w_adjustment'))) AS tells_adjustment,
    min(value) FILTER (regexp_matches(label, '原因|说明|问题') AND is_reason(value) AND regexp_matches(value, getvariable('w_execution_hint'))) AS execution_hint,
    max(value) FILTER (regexp_matches(value, '满意.*\d+[%％].*\d+分.*\d+[%％].*\d+分')) AS satisfaction_bands,
    max(nullif(regexp_extract(concat(label, value), '80[%％]?(?:[（(]含[)）])?\s*[-－~～—至]+\s*(\d\d)[%％]?', 1), '')) AS second_band,
    bit_xor(hash(section, label, value, attribute_no)) AS print_hash
FROM attribute
WHERE value IS NOT NULL
GROUP BY form_id;

-- check_form
-- `title_kind` is the title without the project's name; `layout` says which columns a form prints. Forms that agree in both
-- are taken to be of one layout. `area`: where forms are compared with each other; one without a region is alone with its document.
CREATE OR REPLACE TABLE checks.check_form AS
SELECT
    p.* EXCLUDE (page_from, page_to),
    p.form_kind IN ('self_evaluation', 'department') AS evaluated,
    coalesce(p.budget_adjusted_yuan, p.budget_initial_yuan) AS budget_yuan,
    hundredths(coalesce(p.budget_adjusted_yuan, p.budget_initial_yuan)) AS budget_c,
    hundredths(p.executed_yuan) AS executed_c,
    coalesce(p.region_code, p.document_id) AS area,
    folded(p.unit_name) AS unit_key,
    folded(p.department_name) AS department_key,
    CASE WHEN contains(letters(p.title), left(letters(p.project_name), 4)) THEN '*' || right(letters(p.title), 9)
        ELSE regexp_replace(letters(p.title), '\d', '', 'g') END AS title_kind,
    coalesce(s.row_count, 0) AS row_count,
    coalesce(list_contains(p.indicator_columns, 'level2'), s.prints_level2, false) AS prints_level2,
    coalesce(list_contains(p.indicator_columns, 'level3'), s.prints_level3, false) AS prints_level3,
    coalesce(list_contains(p.indicator_columns, 'target_text'), s.prints_target, false) AS prints_target,
    coalesce(list_contains(p.indicator_columns, 'actual_text'), s.prints_actual, false) AS prints_actual,
    coalesce(s.prints_weight, false) AS prints_weight,
    coalesce(list_contains(p.indicator_columns, 'score'), s.prints_score, false) AS prints_score,
    coalesce(list_contains(p.indicator_columns, 'deviation'), false) AS prints_deviation,
    coalesce(s.fills_unit, false) AS fills_unit,
    [hash(*COLUMNS(p.* EXCLUDE (form_id, document_id, form_no, region_code, page_from, page_to, series_id))),
        s.print_hash, t.print_hash, f.print_hash] AS print_hash,
    coalesce(t.tells_reason, false) AS tells_reason, coalesce(t.tells_note, false) AS tells_note, coalesce(s.execution_hint, t.execution_hint) AS execution_hint, t.satisfaction_bands, try_cast(t.second_band AS INTEGER) AS second_band,
    coalesce(s.tells_execution, false) OR coalesce(t.tells_execution, false) OR coalesce(t.tells_reason, false)
        OR coalesce(regexp_matches(p.goal_actual, getvariable('w_low_execution')), false) AS tells_execution,
    coalesce(s.tells_adjustment, false) OR coalesce(t.tells_adjustment, false)
        OR coalesce(regexp_matches(concat_ws(' ', p.goal_expected, p.goal_actual), getvariable('w_adjustment')), false) AS tells_adjustment,
    concat_ws(
        ',',
        coalesce(p.money_unit, ''), (p.project_name IS NOT NULL)::INTEGER, (p.unit_name IS NOT NULL)::INTEGER, (p.department_name IS NOT NULL)::INTEGER,
        f.columns, coalesce(s.prints_level2, false)::INTEGER, coalesce(s.prints_weight, false)::INTEGER,
        coalesce(s.prints_score, false)::INTEGER, (p.total_weight IS NOT NULL)::INTEGER, (p.total_score IS NOT NULL)::INTEGER
    ) AS layout
FROM project AS p
LEFT JOIN check_sum AS s USING (form_id)
LEFT JOIN check_told AS t USING (form_id)
LEFT JOIN (
    SELECT form_id, concat_ws(
        '', (count(initial_yuan) > 0)::INTEGER, (count(adjusted_yuan) > 0)::INTEGER, (count(received_yuan) > 0)::INTEGER,
        (count(executed_yuan) > 0)::INTEGER, (count(rate_pct) > 0)::INTEGER, (count(weight) > 0)::INTEGER, (count(score) > 0)::INTEGER
    ) AS columns, bit_xor(hash(*COLUMNS(* EXCLUDE (form_id)))) AS print_hash
    FROM funding GROUP BY form_id
) AS f USING (form_id);

-- check_short
INSERT INTO checks.check_everywhere
SELECT form_id, document_id, row_count > 0 AND project_name IS NOT NULL, print_hash FROM check_form;

-- check_class
CREATE OR REPLACE TABLE checks.check_class AS
SELECT d.level1, d.level2, a.class AS class1, b.class AS class2, b.under
FROM (SELECT DISTINCT level1, level2 FROM indicator) AS d
LEFT JOIN check_level1 AS a ON a.name = level_stem(simplified(d.level1))
LEFT JOIN check_level2 AS b ON b.name = level_stem(simplified(d.level2));

-- check_percent
-- Rows whose score is printed in per cent of the weight.
CREATE OR REPLACE TABLE checks.check_percent AS
SELECT form_id, row_no AS indicator_no FROM provenance
ANTI JOIN (FROM correction WHERE status = 'applied') AS c USING (form_id, table_name, column_name)
WHERE table_name = 'indicator' AND column_name = 'score' AND right(text, 1) IN ('%', '％');

-- check_row
-- `named`: the row has an indicator; its name stands in level 2 where that is none of the usual levels and level 3 is empty. A
-- target that is one sum for several rows (合计12所) says nothing about any of them.
CREATE OR REPLACE TABLE checks.check_row AS
SELECT
    i.form_id, i.indicator_no, i.horizon, i.level1, i.level1_points, i.level2, i.level3, i.weight, CASE WHEN q.form_id IS NULL THEN i.score ELSE (i.weight * i.score / 100)::DECIMAL(18, 4) END AS score,
    i.deviation, i.unit_text,
    i.target_text, i.target_kind, i.target_operator, i.target_value, i.target_unit, i.target_date,
    i.actual_text, i.actual_kind, i.actual_operator, i.actual_value, i.actual_unit, i.actual_date,
    CASE WHEN t.form_id IS NULL THEN i.met END AS met, CASE WHEN t.form_id IS NULL THEN i.attainment_pct END AS attainment_pct, i.compare_basis,
    c.class1, c.class2, c.under,
    coalesce(c.class1 = 'execution' OR c.class2 = 'execution', false) AS execution_row,
    CASE WHEN i.level3 IS NOT NULL THEN NOT regexp_full_match(i.level3, '[\s　]*' || getvariable('w_not_named') || '[\s　。]*')
        ELSE i.level2 IS NOT NULL AND c.class2 IS NULL
            AND (NOT f.prints_level3 OR NOT (coalesce(i.target_kind, 'empty') IN ('empty', 'not_applicable') AND coalesce(i.actual_kind, 'empty') IN ('empty', 'not_applicable'))) END AS named,
    coalesce(c.class1 = 'cost' OR c.class2 IN ('cost', 'economic_cost', 'social_cost', 'ecological_cost'), false) AS is_cost,
    coalesce(c.class1 = 'satisfaction' OR c.class2 = 'satisfaction', false) AS is_satisfaction,
    is_reason(i.deviation) AS has_reason,
    '第 ' || i.indicator_no || CASE WHEN named THEN ' 项指标「' || short(coalesce(i.level3, i.level2), 40) ELSE ' 行「' || coalesce(i.level2, i.level1, i.level3, '') END || '」' AS label,
    f.evaluated, f.satisfaction_bands, f.second_band, f.form_kind, f.fiscal_year, f.prints_weight, f.prints_score, f.prints_level3, f.prints_deviation, f.tells_reason, f.tells_note, f.money_unit,
    -- a target and a result that say something, and no name
    NOT named AND coalesce(i.target_kind, 'empty') NOT IN ('empty', 'not_applicable') AND coalesce(i.actual_kind, 'empty') NOT IN ('empty', 'not_applicable') AS unnamed,
    coalesce(regexp_matches(concat(i.level1, i.level2), getvariable('w_extra_points')), false) AS extra,
    coalesce(regexp_matches(i.deviation, getvariable('w_cited_rule')), false) AS cites_rule,
    coalesce(i.weight > i.score AND i.level1_points IS NOT NULL AND s.weights <> i.level1_points
        AND s.weights - i.weight + i.score = i.level1_points, false) AS weight_is_off
FROM indicator AS i
JOIN check_form AS f USING (form_id)
LEFT JOIN check_percent AS q ON q.form_id = i.form_id AND q.indicator_no = i.indicator_no
LEFT JOIN check_class AS c ON i.level1 IS NOT DISTINCT FROM c.level1 AND i.level2 IS NOT DISTINCT FROM c.level2
LEFT JOIN (
    SELECT form_id, target_text FROM indicator WHERE regexp_matches(target_text, getvariable('w_together')) GROUP BY ALL HAVING count(*) > 1
) AS t ON i.form_id = t.form_id AND i.target_text = t.target_text
LEFT JOIN (
    SELECT form_id, horizon, level1, sum(weight) AS weights FROM indicator
    WHERE level1_points IS NOT NULL GROUP BY ALL
) AS s ON i.form_id = s.form_id AND i.horizon IS NOT DISTINCT FROM s.horizon AND i.level1 = s.level1;

-- check_heading
-- Rows that are headings of the rows below them and print their points once more: no target, no result, and a weight that is the sum of the next
-- rows' in the same level 1.
CREATE OR REPLACE TABLE checks.check_heading AS
WITH bare_row AS (
    SELECT form_id, indicator_no, horizon, level1, weight FROM check_row
    WHERE weight > 0 AND coalesce(target_kind, 'empty') = 'empty' AND coalesce(actual_kind, 'empty') = 'empty' AND NOT execution_row
),
below AS (
    SELECT b.form_id, b.indicator_no, b.weight, r.indicator_no AS last_no, r.indicator_no - b.indicator_no AS rows,
        sum(r.weight) OVER (PARTITION BY b.form_id, b.indicator_no ORDER BY r.indicator_no) AS weights
    FROM bare_row AS b JOIN check_row AS r ON r.form_id = b.form_id AND r.indicator_no > b.indicator_no AND r.level1 IS NOT DISTINCT FROM b.level1
)
SELECT DISTINCT form_id, indicator_no FROM below WHERE rows > 1 AND weights = weight;

-- check_points
-- `other_...`: outside the money line, a score above its weight counted as the weight.
CREATE OR REPLACE TABLE checks.check_points AS
SELECT
    form_id,
    coalesce(sum(weight) FILTER (NOT extra), 0) AS weights,
    coalesce(sum(weight), 0) AS all_weights,
    coalesce(sum(score), 0) AS scores,
    string_agg(num(score), '＋' ORDER BY indicator_no) FILTER (score IS NOT NULL) AS listed,
    coalesce(sum(capped), 0) AS capped_scores,
    coalesce(sum(weight) FILTER (score IS NULL), 0) AS unscored,
    coalesce(sum(weight) FILTER (execution_row), 0) AS execution_weights,
    coalesce(sum(weight) FILTER (NOT execution_row AND NOT extra), 0) AS other_weights,
    coalesce(sum(capped) FILTER (NOT execution_row AND NOT extra), 0) AS other_scores,
    count(*) FILTER (weight > 0 AND NOT execution_row) AS weighted_rows,
    bool_or(execution_row) AS has_execution_row
FROM (SELECT *, CASE WHEN score > weight THEN weight ELSE score END AS capped FROM check_row ANTI JOIN check_heading USING (form_id, indicator_no) WHERE horizon IS DISTINCT FROM 'long_term')
GROUP BY form_id;

-- check_pointed
-- Forms whose targets are the points: every row's bare target is its weight, or the bare targets add up to 100 and have no unit.
CREATE OR REPLACE TABLE checks.check_pointed AS
SELECT form_id, count(*) AS rows, sum(target_value) AS points FROM check_row
WHERE named AND NOT execution_row AND target_kind NOT IN ('empty', 'not_applicable') AND horizon IS DISTINCT FROM 'long_term'
GROUP BY form_id
HAVING count(*) >= 4 AND bool_and(coalesce(target_kind = 'quantity' AND target_operator IS NULL AND target_unit IS NULL, false))
    AND (bool_and(coalesce(target_value = weight, false)) OR count(weight) = 0 AND sum(target_value) = 100);

-- check_all_equal
-- Forms whose every result in figures is its target, at least five of them and not all 100 %.
CREATE OR REPLACE TABLE checks.check_all_equal AS
SELECT form_id, count(*) AS rows FROM check_row
WHERE evaluated AND named AND target_value IS NOT NULL AND actual_value IS NOT NULL AND target_kind IN ('quantity', 'ratio', 'money', 'duration')
    AND target_operator IS DISTINCT FROM 'range' AND form_id NOT IN (SELECT form_id FROM check_pointed)
GROUP BY form_id
HAVING count(*) >= 5 AND bool_and(target_value = actual_value AND actual_operator IS NULL) AND NOT bool_and(target_kind = 'ratio' AND target_value = 100);

-- check_measure
CREATE OR REPLACE TABLE checks.check_measure AS
FROM (VALUES ('initial_yuan', '年初预算数', 1), ('adjusted_yuan', '全年预算数', 2), ('received_yuan', '到位数', 3), ('executed_yuan', '全年执行数', 4)) AS t(measure, label, place);

-- check_amount
CREATE OR REPLACE TABLE checks.check_amount AS
SELECT a.form_id, a.source, a.funding_no AS source_no, coalesce(a.label, a.source) AS label, a.measure, a.amount, f.money_unit
FROM (UNPIVOT funding ON COLUMNS('_yuan$') INTO NAME measure VALUE amount) AS a
JOIN check_form AS f USING (form_id);

-- check_printed
-- Rate and score of the execution and the total as printed, for their decimals. A corrected one is no print.
CREATE OR REPLACE TABLE checks.check_printed AS
SELECT form_id, any_value(text) FILTER (column_name = 'execution_rate_pct') AS rate_text,
    any_value(text) FILTER (column_name = 'execution_score') AS score_text, any_value(text) FILTER (column_name = 'total_score') AS total_text
FROM provenance
ANTI JOIN (FROM correction WHERE status = 'applied') AS c USING (form_id, table_name, column_name)
WHERE table_name = 'project' AND column_name IN ('execution_rate_pct', 'execution_score', 'total_score') GROUP BY form_id;

-- check_unscored
-- The rows whose score is printed but does not read.
CREATE OR REPLACE TABLE checks.check_unscored AS
SELECT p.problem_id, v.form_id, v.row_no AS indicator_no FROM problem AS p
JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
JOIN provenance AS v ON v.form_id = f.form_id AND v.text = p.text AND v.locator IS NOT DISTINCT FROM p.locator AND v.page IS NOT DISTINCT FROM p.page AND v.top IS NOT DISTINCT FROM p.top
WHERE p.code = 'BAD_VALUE' AND starts_with(p.message, '分数') AND v.table_name = 'indicator' AND v.column_name = 'score';

-- check_rate
-- The printed rate beside executed / budget. All in whole numbers: rate_u is the rate in millionths of a percent. In 万元 forms
-- an amount of 2 decimals stands for anything within 50 元, which widens what the printed rate may be.
CREATE OR REPLACE TABLE checks.check_rate AS
WITH rated AS (
    SELECT
        f.form_id, f.evaluated, f.money_unit, f.executed_yuan, f.budget_yuan, f.execution_rate_pct AS rate, coalesce(t.rate_text, num(f.execution_rate_pct)) AS rate_text,
        (f.execution_rate_pct * 1000000)::HUGEINT AS rate_u, f.executed_c, f.budget_c, hundredths(f.budget_initial_yuan) AS initial_c,
        half_unit_c(f.executed_yuan, f.money_unit) AS executed_half, half_unit_c(f.budget_yuan, f.money_unit) AS budget_half,
        greatest(0, least(6, decimals_of(coalesce(t.rate_text, num(f.execution_rate_pct)))
            - CASE WHEN NOT contains(t.rate_text, '%') AND try_cast(t.rate_text AS DECIMAL(18, 6)) * 100 = f.execution_rate_pct THEN 2 ELSE 0 END)) AS decimals
    FROM check_form AS f LEFT JOIN check_printed AS t USING (form_id)
    WHERE (f.evaluated OR f.form_kind = 'monitoring') AND f.budget_c > 0 AND f.executed_c >= 0 AND f.execution_rate_pct IS NOT NULL
)
SELECT *, half_up(executed_c * 10000, budget_c) AS true_c, (half_up(executed_c * 1000000, budget_c) // 10000)::VARCHAR || '.'
        || lpad((half_up(executed_c * 1000000, budget_c) % 10000)::VARCHAR, 4, '0') AS true4,
    2 * abs(rate_u * budget_c - 100000000 * executed_c)
        <= (1000000 // pow(10, decimals)::HUGEINT) * budget_c + 2 * (100000000::HUGEINT * executed_half + rate_u * budget_half) AS as_printed,
    half_up(rate_u, 10000) = half_up(executed_c * 10000, budget_c) AS to_cents,
    coalesce(initial_c > 0 AND initial_c <> budget_c AND abs(rate_u * initial_c - 100000000 * executed_c) <= greatest(5000, 500000 // pow(10, decimals)::HUGEINT) * initial_c, false)
        AS by_initial
FROM rated;

-- check_cost
-- Cost indicators in money: a bare number without unit counts as 元. actual_half_unit: half of the last printed digit, in 元.
CREATE OR REPLACE TABLE checks.check_cost AS
SELECT *, CASE WHEN contains(actual_text, '万') OR contains(unit_text, '万') THEN 10000 ELSE 1 END * 0.5
        / pow(10, decimals_of(actual_text)) AS actual_half_unit
FROM check_row
WHERE evaluated AND is_cost AND named AND target_value > 0 AND target_operator IS DISTINCT FROM 'range'
    AND (target_kind = 'money' OR target_kind = 'quantity' AND target_unit IS NULL)
    AND (actual_value IS NULL OR actual_kind = 'money' OR actual_kind = 'quantity' AND actual_unit IS NULL);

-- check_year
-- For each form of a series the one of the series' year before: the chain along which years are compared. `link_note`: why the two are
-- one project; `link_verdict`: reader where that is not quite sure, of the link itself or, where a third form joins the two, of its links.
CREATE OR REPLACE TABLE checks.check_year AS
WITH chosen AS (
    SELECT series_id, fiscal_year, max(form_id) AS form_id FROM check_form
    WHERE form_kind = 'self_evaluation' AND series_id IS NOT NULL AND fiscal_year IS NOT NULL GROUP BY ALL
)
SELECT * FROM (
    SELECT series_id, form_id, fiscal_year, lag(form_id) OVER chain AS previous_id, fiscal_year - lag(fiscal_year) OVER chain AS years_between,
        lag(form_id, 2) OVER chain AS earlier_id, fiscal_year - lag(fiscal_year, 2) OVER chain AS years_between_earlier
    FROM chosen WINDOW chain AS (PARTITION BY series_id ORDER BY fiscal_year)
)
WHERE previous_id IS NOT NULL;

-- check_linked
-- A pair that no link of its own joins is one project by way of other forms: the note names one of them, both ways to it where there is one.
CREATE OR REPLACE TABLE checks.check_linked AS
WITH way AS (
    SELECT form_id_a AS form_id, form_id_b AS other_id, method, score, doubt FROM series_link WHERE decision = 'link'
    UNION ALL
    SELECT form_id_b, form_id_a, method, score, doubt FROM series_link WHERE decision = 'link'
),
unsure AS (SELECT p.series_id, min(l.doubt) AS doubt FROM way AS l JOIN project AS p USING (form_id) WHERE l.doubt IS NOT NULL GROUP BY p.series_id),
around AS (
    SELECT y.form_id, y.previous_id, min_by({'year': t.fiscal_year, 'name': t.project_name, 'doubt': coalesce(a.doubt, b.doubt),
            'said': CASE WHEN a.method = b.method AND a.score IS NOT DISTINCT FROM b.score THEN link_said(a.method, a.score) ELSE link_said(a.method, a.score) || '；' || link_said(b.method, b.score) END},
        (CASE WHEN coalesce(a.doubt, b.doubt) IS NULL THEN 0 ELSE 1 END, a.other_id)) AS third
    FROM check_year AS y JOIN way AS a USING (form_id) JOIN way AS b ON b.form_id = y.previous_id AND b.other_id = a.other_id
    JOIN project AS t ON t.form_id = a.other_id
    GROUP BY ALL
)
SELECT y.*, CASE WHEN coalesce(l.doubt, CASE WHEN l.form_id IS NULL THEN CASE WHEN r.form_id IS NOT NULL THEN third.doubt ELSE u.doubt END END) IS NOT NULL THEN 'reader' END AS link_verdict,
    CASE WHEN l.form_id IS NOT NULL THEN '（与上年表认定为同一项目，依据：' || link_said(l.method, l.score) || coalesce('；尚有疑问：' || l.doubt, '') || '）'
        WHEN r.form_id IS NOT NULL THEN '（经 ' || coalesce(third.year::VARCHAR, '无年度') || ' 年「' || coalesce(third.name, '') || '」的表认定为同一项目，依据：' || third.said || coalesce('；尚有疑问：' || third.doubt, '') || '）'
        ELSE '（经其他年度的表认定为同一项目' || coalesce('，其中有的尚有疑问：' || u.doubt, '') || '）' END AS link_note
FROM check_year AS y
LEFT JOIN way AS l ON l.form_id = y.form_id AND l.other_id = y.previous_id
LEFT JOIN around AS r ON r.form_id = y.form_id AND r.previous_id = y.previous_id
LEFT JOIN unsure AS u ON u.series_id = y.series_id;
DROP TABLE checks.check_year;
ALTER TABLE checks.check_linked RENAME TO check_year;

-- check_keyed
-- Indicators of forms that belong to a chain of years, by normalised level 2 and name; a name that a form prints twice is left out.
CREATE OR REPLACE TABLE checks.check_keyed AS
WITH chained AS (SELECT form_id FROM check_year UNION SELECT previous_id FROM check_year),
name AS (SELECT DISTINCT level3, letters(level3) AS name_key FROM check_row SEMI JOIN chained USING (form_id) WHERE named),
keyed AS (
    SELECT r.form_id, r.indicator_no, coalesce(r.class2, r.level2, '') AS level2_key, name.name_key, r.label, r.level3, r.fiscal_year, r.is_cost,
        r.target_text, r.target_kind, r.target_operator, r.target_value, r.target_unit, r.actual_text, r.actual_operator, r.actual_value, r.actual_unit,
        r.weight, r.met, r.compare_basis
    FROM check_row AS r SEMI JOIN chained USING (form_id) JOIN name ON r.level3 = name.level3
    WHERE r.named AND r.horizon IS DISTINCT FROM 'long_term' AND name.name_key <> ''
),
repeated AS (SELECT form_id, level2_key, name_key FROM keyed GROUP BY ALL HAVING count(*) > 1)
SELECT * FROM keyed ANTI JOIN repeated USING (form_id, level2_key, name_key);

-- check_pair
CREATE OR REPLACE TABLE checks.check_pair AS
SELECT n.*, y.previous_id, y.years_between, y.link_verdict, y.link_note,
    {'target_text': o.target_text, 'target_kind': o.target_kind, 'target_operator': o.target_operator, 'target_value': o.target_value,
     'target_unit': o.target_unit, 'actual_text': o.actual_text, 'actual_value': o.actual_value, 'actual_operator': o.actual_operator,
     'actual_unit': o.actual_unit, 'weight': o.weight, 'met': o.met, 'compare_basis': o.compare_basis} AS previous
FROM check_keyed AS n
JOIN check_year AS y ON y.form_id = n.form_id
JOIN check_keyed AS o ON o.form_id = y.previous_id AND o.level2_key = n.level2_key AND o.name_key = n.name_key;

-- check_sheet
-- The sheet of a workbook on which a form stands.
CREATE OR REPLACE TABLE checks.check_sheet AS
SELECT form_id, min(split_part(locator, '!', 1)) AS sheet FROM provenance
WHERE table_name = 'project' AND contains(locator, '!') GROUP BY form_id;

-- check_corrected
-- Forms with corrected values: the numbers of such indicators, and whether amounts are among them.
CREATE OR REPLACE TABLE checks.check_corrected AS
SELECT form_id, list(row_no) FILTER (table_name = 'indicator') AS numbers, bool_or(table_name IN ('project', 'funding')) AS money
FROM correction WHERE status = 'applied' GROUP BY form_id;

-- check_scan
-- Forms of which pages were recognised in pictures: what does not hold there is a doubt of the reader.
CREATE OR REPLACE TABLE checks.check_scan AS
SELECT form_id FROM project WHERE read_by <> 'text';

-- check_problem
-- The problems of the reader that put something in doubt, for each form of the document that they may concern: on which page or sheet
-- (`sheet`) and at which height or line (`line`).
CREATE OR REPLACE TABLE checks.check_problem AS
SELECT f.form_id, p.problem_id, p.page, p.locator, p.x0, p.top, p.x1, p.bottom, d.puts, CASE WHEN list_contains(d.puts, 'column') THEN [p.column_name] ELSE d.columns END AS columns,
    sheet_of(p.page, p.locator) AS sheet, line_of(p.top, p.locator) AS line
FROM problem AS p
JOIN check_doubt AS d ON d.code = p.code AND (d.says IS NULL OR contains(p.message, d.says))
JOIN check_form AS f ON f.document_id = p.document_id AND (p.form_no IS NULL OR p.form_no = f.form_no);

-- check_cell
-- Where the values of those forms stand. The places of the total row are the indicators' as well as the project's.
CREATE OR REPLACE TABLE checks.check_cell AS
SELECT v.form_id, v.table_name, v.row_no, v.column_name, v.page, v.locator, v.x0, v.top, v.x1, v.bottom,
    sheet_of(v.page, v.locator) AS sheet, line_of(v.top, v.locator) AS line, line_of(v.bottom, v.locator) AS last_line,
    CASE WHEN v.table_name IN ('funding', 'indicator') THEN v.table_name WHEN v.column_name IN ('total_weight', 'total_score') THEN 'indicator' END AS part
FROM provenance AS v SEMI JOIN check_problem USING (form_id)
WHERE v.table_name IN ('project', 'funding', 'indicator');

-- check_extent
-- The lines between which a form's money and its indicators stand, by page or sheet, with the captions above and, where no total ends
-- the table, a line below. `page_lines`: lines are points of a page.
CREATE OR REPLACE TABLE checks.check_extent AS
SELECT form_id, part, sheet,
    min(line) - CASE WHEN bool_or(page IS NULL) THEN 1 ELSE getvariable('t_line_points') END * CASE part WHEN 'indicator' THEN 2 ELSE 1 END AS first_line,
    max(last_line) + CASE WHEN part = 'indicator' AND bool_or(column_name IN ('total_weight', 'total_score')) THEN 0
        WHEN bool_or(page IS NULL) THEN 1 ELSE getvariable('t_line_points') END AS last_line
FROM check_cell WHERE part IS NOT NULL GROUP BY form_id, part, sheet;

-- check_hit
-- The cells at the place of a problem; all of its page where no place on it is known.
CREATE OR REPLACE TABLE checks.check_hit AS
SELECT p.form_id, p.problem_id, c.column_name, CASE WHEN c.table_name = 'indicator' THEN c.row_no END AS row_no
FROM check_problem AS p JOIN check_cell AS c USING (form_id)
WHERE list_contains(p.puts, 'cell') AND (
    c.locator = p.locator
    OR c.page = p.page AND (p.top IS NULL OR p.x0 < c.x1 AND p.x1 > c.x0 AND p.top < c.bottom AND p.bottom > c.top)
);

-- check_doubted
-- The values that were not read without doubt, by column (*: any of the form, where nothing is known of the place). `row_no` of an
-- indicator, NULL else.
CREATE OR REPLACE TABLE checks.check_doubted AS
SELECT DISTINCT form_id, column_name, row_no FROM check_hit
UNION
SELECT form_id, '*', NULL FROM check_problem WHERE list_contains(puts, 'cell') AND page IS NULL AND locator IS NULL
UNION
SELECT p.form_id, unnest(p.columns), NULL FROM check_problem AS p WHERE p.columns IS NOT NULL;

-- check_unknown
-- The parts of a form in which something is unclaimed, unknown, hidden or unread: money, indicators or, where it stands in neither, the head.
-- What stands in no cell that was read is as good as unclaimed.
CREATE OR REPLACE TABLE checks.check_unknown AS
WITH unclaimed AS (
    FROM check_problem WHERE list_contains(puts, 'table')
    UNION ALL
    (SELECT p.* FROM check_problem AS p ANTI JOIN check_hit USING (form_id, problem_id) WHERE list_contains(p.puts, 'cell') AND NOT list_contains(p.puts, 'table'))
),
placed AS (
    SELECT p.form_id, p.problem_id, e.part FROM unclaimed AS p
    JOIN check_extent AS e ON e.form_id = p.form_id AND e.sheet = p.sheet AND (p.line IS NULL OR p.line BETWEEN e.first_line AND e.last_line)
    UNION
    SELECT form_id, problem_id, unnest(['header', 'funding', 'indicator']) FROM unclaimed WHERE sheet IS NULL AND list_contains(puts, 'table')
)
SELECT DISTINCT form_id, part FROM placed
UNION
SELECT DISTINCT p.form_id, 'header' FROM unclaimed AS p ANTI JOIN placed USING (form_id, problem_id);
