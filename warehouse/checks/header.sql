-- Checks of the header and the document. Each statement yields form_id and, as far as it has them, indicator_no, severity,
-- field, printed, expected, message, verdict.

-- HDR_SECTION_MISSING
WITH section AS (
    SELECT form_id, area, fiscal_year, title_kind, money_unit, indicator_columns,
        -- all that the national form scores: it has a goal as well
        prints_level3 AND prints_weight AND prints_score AND execution_weight IS NOT NULL AND executed_yuan IS NOT NULL AND total_score IS NOT NULL AS scored, unnest([
        {'name': '表头', 'there': coalesce(project_name, project_code, unit_name, department_name) IS NOT NULL, 'always': true},
        {'name': '资金', 'there': coalesce(budget_yuan, executed_yuan) IS NOT NULL, 'always': false},
        {'name': '总体目标', 'there': coalesce(goal_expected, goal_actual) IS NOT NULL, 'always': false},
        {'name': '绩效指标', 'there': row_count > 0, 'always': true},
        {'name': '总分', 'there': total_score IS NOT NULL, 'always': false}
    ]) AS part
    FROM check_form WHERE form_kind = 'self_evaluation'
),
peers AS (
    SELECT area, fiscal_year, title_kind, money_unit, indicator_columns, part.name AS name, count(*) FILTER (part.there) AS printing, count(*) AS forms
    FROM section GROUP BY ALL
)
SELECT s.form_id, CASE WHEN bool_or(printing > 1) THEN 'error' ELSE 'warning' END AS severity, string_agg(part.name, '、' ORDER BY part.name) AS printed,
    '表头、资金、总体目标、绩效指标、总分' AS expected,
    '本表未读到「' || string_agg(part.name, '、' ORDER BY part.name) || '」部分，自评表应各部分齐全，请对照原件。' AS message
FROM (FROM section WHERE NOT part.there) AS s
JOIN peers AS p ON s.part.name = p.name AND s.title_kind IS NOT DISTINCT FROM p.title_kind AND s.money_unit IS NOT DISTINCT FROM p.money_unit
    AND s.indicator_columns IS NOT DISTINCT FROM p.indicator_columns
    AND s.area = p.area AND s.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
WHERE part.always OR scored AND part.name = '总体目标' OR printing > 1 AND printing * 100 > forms * getvariable('t_peer_share_pct')
GROUP BY form_id;

-- HDR_LAYOUT_UNKNOWN
SELECT f.form_id, count(*) || ' 格' AS printed,
    '本表有 ' || count(*) || ' 个单元格未能识别，版式可能不在已知范围内，请对照原件。' AS message
FROM problem AS p
JOIN check_form AS f ON p.document_id = f.document_id AND p.form_no = f.form_no
WHERE p.code = 'UNCLAIMED_CELL'
GROUP BY f.form_id
HAVING count(*) >= getvariable('t_unclaimed_cells');

-- HDR_LAYOUT_VARIANT
WITH shown AS (
    SELECT form_id, document_id, form_no, form_kind, layout || (unit_code IS NOT NULL)::INTEGER AS layout, unit_code IS NOT NULL AS coded
    FROM check_form WHERE evaluated AND row_count > 0
),
counted AS (
    SELECT document_id, form_kind, layout, count(*) AS forms, min(form_no) AS first_no FROM shown GROUP BY ALL
),
usual AS (
    SELECT document_id, form_kind, arg_max(layout, forms * 100000 - first_no) AS layout, arg_max(first_no, forms * 100000 - first_no) AS form_no
    FROM counted GROUP BY ALL HAVING count(*) > 1
)
SELECT shown.form_id, 'title' AS field,
    '本表所印栏目与同一文件中多数表（如第 ' || usual.form_no || ' 张）不同'
        || CASE WHEN shown.coded OR usual.layout NOT LIKE '%1' THEN '' ELSE '，没有单位编码' END || '，属另一版式。' AS message
FROM shown JOIN usual USING (document_id, form_kind)
WHERE shown.layout <> usual.layout;

-- HDR_CODE_MISSING
-- Two or three other forms may print a code by chance of their units: a remark.
WITH peers AS (
    SELECT area, fiscal_year, form_kind, title_kind, layout, count(project_code) AS printing, count(*) AS forms FROM check_form GROUP BY ALL
)
SELECT f.form_id, CASE WHEN printing >= getvariable('t_peers_enough') THEN 'error' ELSE 'warning' END AS severity, 'project_code' AS field,
    '本表没有项目编码，而同年同版式的 ' || forms || ' 张表中有 ' || printing || ' 张印有项目编码，请' || CASE WHEN printing >= getvariable('t_peers_enough') THEN '补填。' ELSE '核对是否漏填。' END AS message,
    CASE WHEN printing < getvariable('t_peers_enough') THEN 'none' END AS verdict
FROM (FROM check_form WHERE form_kind <> 'department' AND project_code IS NULL) AS f
JOIN peers AS p ON f.form_kind = p.form_kind AND f.layout = p.layout AND f.title_kind IS NOT DISTINCT FROM p.title_kind
    AND f.area = p.area AND f.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
WHERE printing > 1 AND printing * 100 > forms * getvariable('t_peer_share_pct');

-- HDR_CODE_FORMAT
-- A number of quite another length or writing is a local one, older than the national scheme or beside it.
SELECT form_id, CASE WHEN national THEN 'error' ELSE 'warning' END AS severity, 'project_code' AS field, project_code AS printed, '21 位' AS expected,
    '项目编码「' || project_code || '」' || CASE WHEN length(project_code) = 21 THEN '中有不应出现的字符' ELSE '有 ' || length(project_code) || ' 位' END
        || '，全国统一的项目编码为 21 位：6 位区划、2 位年份、1 位字母或数字、12 位数字，' || CASE WHEN national THEN '请核对编码。' ELSE '如为本地编号可不理会。' END AS message,
    CASE WHEN NOT national THEN 'none' END AS verdict
FROM (SELECT *, regexp_full_match(project_code, '\d{6}[0-9A-Za-z]{11,17}') AND length(regexp_replace(project_code, '\D', '', 'g')) >= 16 AS national FROM check_form)
WHERE NOT regexp_full_match(project_code, getvariable('w_project_code'));

-- HDR_CODE_REGION_INVALID
-- A code is given when the project is set up and kept, so that it may be one of any year between. An unknown district below a known prefecture
-- may be a development zone, whose codes are the finance departments' own.
WITH code AS (
    SELECT *, left(project_code, 6) AS region, 2000 + substr(project_code, 7, 2)::INTEGER AS set_up FROM check_form
    WHERE regexp_full_match(project_code, getvariable('w_project_code'))
),
judged AS (
    SELECT c.form_id, c.project_code, c.region, c.set_up, c.fiscal_year, left(c.region, 4) IN (SELECT left(code, 4) FROM check_region) AS prefecture, count(r.code) AS known, count(r.code) FILTER ((r.since IS NULL OR r.since <= coalesce(c.fiscal_year, c.set_up)) AND (r.until IS NULL OR r.until >= least(c.set_up, c.fiscal_year))) AS valid,
        coalesce(min(r.since), 0) AS since, max(r.until) AS until, any_value(r.name) AS name
    FROM code AS c LEFT JOIN check_region AS r ON r.code = c.region GROUP BY ALL
)
SELECT form_id, 'project_code' AS field, region AS printed,
    CASE WHEN known = 0 AND prefecture THEN 'warning' ELSE 'error' END AS severity,
    CASE WHEN known = 0 AND prefecture THEN 'none' END AS verdict,
    '项目编码「' || project_code || '」的前 6 位 ' || region || CASE
        WHEN known = 0 AND prefecture THEN ' 不在国家标准的区划代码中，如为开发区、新区的财政编码可不理会，否则请核对编码。'
        WHEN known = 0 THEN ' 不是区划代码，全国没有以 ' || left(region, 4) || ' 开头的地区，请核对编码。'
        ELSE '（' || name || '）在' || coalesce(fiscal_year::VARCHAR, set_up::VARCHAR) || ' 年不在用'
            || CASE WHEN since > coalesce(fiscal_year, set_up) THEN '，' || since || ' 年才启用' ELSE coalesce('，' || until || ' 年已停用', '') END || '，请核对编码。' END AS message
FROM judged WHERE valid = 0 AND NOT (region LIKE '____01' AND EXISTS (
    -- 市辖区: the own level of a city that has districts
    FROM check_region AS p JOIN check_region AS d ON left(d.code, 4) = left(p.code, 4) AND d.level = 'county'
    WHERE p.code = left(judged.region, 4) || '00' AND p.name LIKE '%市' AND p.level = 'prefecture' AND (p.until IS NULL OR p.until >= set_up)
        AND (p.since IS NULL OR p.since <= coalesce(fiscal_year, set_up))))

-- HDR_CODE_YEAR_FUTURE
SELECT form_id, 'project_code' AS field, '20' || substr(project_code, 7, 2) AS printed, '≤ ' || fiscal_year AS expected,
    '项目编码「' || project_code || '」的设立年份 20' || substr(project_code, 7, 2) || ' 晚于自评年度 ' || fiscal_year || '，请核对编码和年度。' AS message
FROM check_form
WHERE regexp_full_match(project_code, getvariable('w_project_code')) AND 2000 + substr(project_code, 7, 2)::INTEGER > fiscal_year;

-- HDR_CODE_AGE
SELECT form_id, 'project_code' AS field, '20' || substr(project_code, 7, 2) AS printed, fiscal_year::VARCHAR AS expected,
    '项目编码设立于 20' || substr(project_code, 7, 2) || ' 年，距自评年度 ' || fiscal_year || ' 已 '
        || (fiscal_year - 2000 - substr(project_code, 7, 2)::INTEGER) || ' 年，可留意项目是否应重新论证。' AS message
FROM check_form
WHERE regexp_full_match(project_code, getvariable('w_project_code'))
    AND fiscal_year - 2000 - substr(project_code, 7, 2)::INTEGER >= getvariable('t_code_age_years');

-- HDR_REGION_NAME_CONFLICT
-- The unit's name may give the district with its ending or, at its beginning, without (罗湖区财政局, 深圳市罗湖财政局).
WITH code AS (
    SELECT form_id, unit_name, left(project_code, 6) AS region,
        regexp_replace(unit_name, '^(中国共产党|中共)?([^省市]{2,8}(省|自治区))?([^省市]{2,8}市)?', '') AS own_part
    FROM check_form WHERE regexp_full_match(project_code, getvariable('w_project_code')) AND unit_name IS NOT NULL
),
conflict AS (
    SELECT c.form_id, c.region, c.unit_name, d.name AS named, own.name AS expected
    FROM code AS c
    JOIN check_region AS own ON own.code = c.region AND own.level = 'county' AND own.until IS NULL AND NOT contains(c.unit_name, coalesce(own.stem, own.name))
    JOIN check_region AS d ON left(d.code, 4) = left(c.region, 4) AND d.level = 'county' AND d.until IS NULL
        AND (contains(c.unit_name, d.name) OR starts_with(c.own_part, d.stem) AND regexp_matches(substr(c.own_part, length(d.stem) + 1), getvariable('w_office')))
    UNION ALL
    SELECT c.form_id, c.region, c.unit_name, p.name, own.name
    FROM code AS c
    JOIN check_region AS p ON p.level = 'province' AND starts_with(c.unit_name, p.name)
    JOIN check_region AS own ON own.code = left(c.region, 2) || '0000'
    WHERE p.code <> own.code
    UNION ALL
    -- a unit that names its city, and a code of another
    SELECT c.form_id, c.region, c.unit_name, p.name, own.name
    FROM code AS c
    JOIN check_region AS p ON p.level = 'prefecture' AND p.name = regexp_extract(c.unit_name, '^(?:中国共产党|中共)?(?:[^省市]{2,8}(?:省|自治区))?([^省市]{2,8}市)', 1)
    JOIN check_region AS own ON own.code = left(c.region, 4) || '00' AND own.level = 'prefecture'
    WHERE left(c.region, 2) <> left(p.code, 2) AND NOT EXISTS (FROM check_region AS o WHERE left(o.code, 4) = left(c.region, 4) AND starts_with(c.unit_name, o.name))
)
SELECT form_id, 'project_code' AS field, any_value(unit_name) AS printed, any_value(expected) AS expected,
    '实施单位「' || any_value(unit_name) || '」在' || any_value(named) || '，而项目编码的区划 ' || any_value(region) || ' 属' || any_value(expected)
        || '，请核对编码和单位。' AS message, NULL AS verdict
FROM conflict GROUP BY form_id
UNION ALL
-- a text that speaks of another region as its own
SELECT form_id, CASE side WHEN 'actual' THEN 'goal_actual' ELSE 'goal_expected' END, named, place,
    CASE side WHEN 'actual' THEN '实际完成情况' ELSE '预期目标' END || '写的是「' || named || '」，而本表属' || place || '，请核对是否照抄。', 'none'
FROM check_elsewhere

-- HDR_UNIT_CODE_MISSING
WITH peers AS (
    SELECT area, fiscal_year, form_kind, title_kind, layout, count(unit_code) AS printing, count(*) AS forms FROM check_form GROUP BY ALL
)
SELECT f.form_id, 'unit_code' AS field,
    '本表没有单位编码，而同年同版式的 ' || forms || ' 张表中有 ' || printing || ' 张印有单位编码，请补填。' AS message
FROM (FROM check_form WHERE unit_code IS NULL) AS f
JOIN peers AS p ON f.form_kind = p.form_kind AND f.layout = p.layout AND f.title_kind IS NOT DISTINCT FROM p.title_kind
    AND f.area = p.area AND f.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
WHERE printing > 1 AND printing * 100 > forms * getvariable('t_peer_share_pct');

-- HDR_UNIT_NOT_IN_CODE
WITH coded AS (
    SELECT form_id, project_code, unit_code, left(project_code, 4) AS prefecture, substr(project_code, 9, 3) AS inside, left(unit_code, 3) AS unit
    FROM check_form WHERE regexp_full_match(unit_code, '\d{6,}') AND regexp_full_match(project_code, '\d{8}[0-9A-Z]\d{11,12}')
)
SELECT form_id, 'project_code' AS field, inside AS printed, unit AS expected,
    '项目编码第 9 至 11 位为 ' || inside || '，而单位编码「' || unit_code || '」前 3 位为 ' || unit || '，编码可能沿用旧方案。' AS message
FROM coded
WHERE inside <> unit AND length(project_code) = 21 AND prefecture IN (SELECT prefecture FROM coded WHERE inside = unit);

-- HDR_UNIT_NAME_VARIANT
WITH used AS (
    SELECT form_id, area, fiscal_year, unnest([
        {'field': 'unit_name', 'printed': unit_name, 'key': unit_key}, {'field': 'department_name', 'printed': department_name, 'key': department_key}
    ]) AS role
    FROM check_form
)
SELECT form_id, role.field AS field, role.printed AS printed, v.official AS expected,
    CASE role.field WHEN 'unit_name' THEN '实施单位' ELSE '主管部门' END || '「' || role.printed || '」与同一单位编码的另一写法「' || v.official
        || '」不同，请统一单位名称。' AS message
FROM used
JOIN check_name_variant AS v
    ON used.area = v.area AND used.fiscal_year IS NOT DISTINCT FROM v.fiscal_year AND role.key = v.variant;

-- HDR_PARENT_NAME_CONFLICT
WITH parents AS (
    SELECT area, fiscal_year, form_kind, unit_key, list_sort(list(DISTINCT department_name)) AS names
    FROM check_form WHERE unit_key IS NOT NULL AND department_key IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT department_key) > 1
)
SELECT f.form_id, 'department_name' AS field, f.department_name AS printed, list_aggregate(names, 'string_agg', '；') AS expected,
    '实施单位「' || f.unit_name || '」的主管部门在同年各表中有 ' || len(names) || ' 种写法：' || list_aggregate(names, 'string_agg', '、')
        || '，本表为「' || f.department_name || '」。' AS message
FROM check_form AS f
JOIN parents AS p ON f.unit_key = p.unit_key AND f.form_kind = p.form_kind
    AND f.area = p.area AND f.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
WHERE f.department_key IS NOT NULL;

-- HDR_PARENT_IS_BENJI
SELECT form_id, 'department_name' AS field, department_name AS printed,
    '主管部门「' || department_name || '」印成了本级单位，应为部门名称。' AS message
FROM check_form WHERE regexp_matches(department_key, '本级\)?$');

-- HDR_TITLE_NAME_MISMATCH
SELECT form_id, t.severity AS severity, 'title' AS field, t.stem AS printed, f.project_name AS expected,
    '标题中的项目名「' || t.stem || '」与项目名称「' || f.project_name || '」'
        || CASE t.severity WHEN 'info' THEN '只差词尾，应写全称。' ELSE '不同，请核对是否为同一项目。' END AS message
FROM check_title AS t JOIN check_form AS f USING (form_id);

-- HDR_YEAR_RANGE
SELECT form_id, 'fiscal_year' AS field, fiscal_year::VARCHAR AS printed,
    getvariable('t_first_year') || '–' || getvariable('current_year') AS expected,
    '自评年度 ' || fiscal_year || ' 不在 ' || getvariable('t_first_year') || ' 至 ' || getvariable('current_year') || ' 年之间，请核对年度。' AS message
FROM check_form
WHERE NOT fiscal_year BETWEEN getvariable('t_first_year') AND getvariable('current_year') + (form_kind = 'target')::INTEGER
UNION ALL
SELECT form_id, 'fiscal_year', fiscal_year::VARCHAR, folder_year::VARCHAR,
    '自评年度 ' || fiscal_year || ' 与文件所在文件夹的年度 ' || folder_year || ' 不同，请核对年度或文件的存放位置。'
FROM (
    SELECT f.form_id, f.fiscal_year, f.form_kind, try_cast(regexp_extract(d.path, '(?:^|/)\d{6}/(\d{4})/', 1) AS INTEGER) AS folder_year
    FROM check_form AS f JOIN document AS d USING (document_id)
)
WHERE fiscal_year <> folder_year AND form_kind <> 'target';

-- HDR_DUPLICATE_FORM
WITH keyed AS (
    -- a short code is its region's
    SELECT form_id, form_no, document_id, fiscal_year, form_kind, unit_key, project_name, project_code,
        coalesce(CASE WHEN length(project_code) < getvariable('t_national_code') THEN coalesce(region_code, '') || project_code ELSE project_code END, area || letters(project_name)) AS project_key, coalesce(sheet, '') AS sheet
    FROM check_form LEFT JOIN check_sheet USING (form_id)
    WHERE fiscal_year IS NOT NULL AND unit_key IS NOT NULL AND (project_code IS NOT NULL OR project_name IS NOT NULL)
        AND form_kind <> 'department'
),
counted AS (
    SELECT *, count(*) OVER same AS forms, min(document_id || ' ' || form_no) OVER same AS first_form,
        max(document_id || ' ' || form_no) OVER same AS last_form
    FROM keyed AS k
    -- two sheets of one workbook say different things of one project
    WHERE NOT EXISTS (FROM keyed AS o WHERE o.document_id = k.document_id AND o.form_no < k.form_no AND o.sheet <> k.sheet
        AND o.project_key = k.project_key AND o.fiscal_year = k.fiscal_year AND o.form_kind = k.form_kind AND o.unit_key = k.unit_key)
    WINDOW same AS (PARTITION BY fiscal_year, form_kind, unit_key, project_key)
)
SELECT c.form_id, 'project_code' AS field, coalesce(c.project_code, c.project_name) AS printed, '1 张' AS expected,
    '项目「' || concat_ws(' ', c.project_code, c.project_name) || '」' || c.fiscal_year || ' 年有 ' || c.forms || ' 张同类表，另见「' || d.path
        || '」第 ' || split_part(other, ' ', 2) || ' 张，请确定以哪一张为准。' AS message
FROM (SELECT *, CASE WHEN first_form = document_id || ' ' || form_no THEN last_form ELSE first_form END AS other FROM counted WHERE forms > 1) AS c
JOIN document AS d ON d.document_id = split_part(c.other, ' ', 1);

-- HDR_COLUMN_ALL_EMPTY
SELECT form_id, 'unit_text' AS field, '指标表印有度量单位栏而从未填写，单位写在数值中的宜移入该栏。' AS message
FROM check_form WHERE row_count > 0 AND list_contains(indicator_columns, 'unit_text') AND NOT fills_unit;
