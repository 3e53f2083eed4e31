WITH form AS (
    SELECT
        p.form_id, p.document_id, d.path, p.region_code, p.fiscal_year, p.form_kind, p.unit_name, p.department_name, p.project_name,
        p.budget_initial_yuan, p.budget_adjusted_yuan, p.executed_yuan,
        '「' || coalesce(p.project_name, p.title, '第 ' || p.form_no || ' 张表') || '」' AS called
    FROM project AS p
    JOIN document AS d USING (document_id)
),
folder AS (
    -- every folder above a document
    SELECT DISTINCT document_id, path, unnest(string_split(path, '/')[:-2]) AS name FROM document
),
named_wrong AS (
    SELECT f.document_id, any_value(f.path) AS path, f.name,
        CASE
            WHEN regexp_matches(f.name, '^\d{6}(\D|$)') AND NOT regexp_matches(f.name, '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])')
                THEN '“' || f.name || '”的前六位不是区划代码'
            WHEN regexp_matches(f.name, '^(\d{5}(\D|$)|\d{7,})') OR regexp_matches(f.name, '^[０-９]{2,}')
                THEN '“' || f.name || '”像是地区或年度，但位数不对'
            WHEN regexp_matches(f.name, '^\d{2}年') OR regexp_matches(f.name, '^\d{4}(\D|$)') AND NOT regexp_matches(f.name, '^(19|20)')
                THEN '“' || f.name || '”像是年度，但不是四位年份'
            WHEN regexp_matches(f.name, '^(19|20)\d{2}(年度|年)?[-_.~—至到 ]*\d') AND NOT regexp_matches(f.name, '^\d{5}')
                THEN '“' || f.name || '”写了月日或几个年份，不能当作年度'
        END AS what
    FROM folder AS f
    GROUP BY f.document_id, f.name
),
two_years AS (
    SELECT document_id, any_value(path) AS path, string_agg(DISTINCT left(name, 4), '、' ORDER BY left(name, 4)) AS years
    FROM folder
    WHERE regexp_matches(name, '^(19|20)\d{2}(\D|$)') AND NOT regexp_matches(name, '^\d{4}(年度|年)?[-_.~—至到 ]*\d')
    GROUP BY document_id
    HAVING count(DISTINCT left(name, 4)) > 1
),
told AS (
    SELECT 'rejected' AS kind, reason_code AS code, document_id, path, NULL AS form_id, reason AS what
    FROM document WHERE status = 'rejected'
    UNION ALL
    SELECT CASE kind WHEN 'gone' THEN 'document_gone' ELSE 'indicators_lost' END, NULL, document_id, path, NULL,
        CASE kind WHEN 'gone' THEN '原有 ' || forms_before || ' 张表、' || indicators_before || ' 项指标'
            ELSE '指标由 ' || indicators_before || ' 项减为 ' || indicators_now || ' 项，表由 ' || forms_before || ' 张变为 ' || forms_now || ' 张' END
        || coalesce('，预算数 ' || format('{:,.2f}', adjusted_yuan::DOUBLE) || ' 元', '')
        || coalesce('，执行数 ' || format('{:,.2f}', executed_yuan::DOUBLE) || ' 元', '')
    FROM loss
    UNION ALL
    SELECT 'no_region', NULL, document_id, path, form_id, called || '没有地区' FROM form WHERE region_code IS NULL
    UNION ALL
    SELECT 'no_year', NULL, document_id, path, form_id, called || '没有年度' FROM form WHERE fiscal_year IS NULL
    UNION ALL
    SELECT 'no_unit', NULL, document_id, path, form_id, called || '没有实施单位和主管部门' FROM form
    WHERE unit_name IS NULL AND department_name IS NULL
    UNION ALL
    SELECT 'no_name', NULL, document_id, path, form_id, called || '没有项目名称' FROM form
    WHERE project_name IS NULL AND form_kind IS DISTINCT FROM 'department' -- which prints no such field
    UNION ALL
    SELECT 'no_money', NULL, document_id, path, form_id, called || '没有读出任何金额' FROM form
    ANTI JOIN (SELECT form_id FROM funding WHERE coalesce(initial_yuan, adjusted_yuan, received_yuan, executed_yuan) IS NOT NULL) USING (form_id)
    WHERE coalesce(budget_initial_yuan, budget_adjusted_yuan, executed_yuan) IS NULL
    UNION ALL
    SELECT 'no_indicators', NULL, document_id, path, form_id, called || '没有读出任何指标' FROM form ANTI JOIN indicator USING (form_id)
    UNION ALL
    -- a form that arrived once more with other figures: the sums hold one of the two, and say which
    SELECT 'revision', NULL, f.document_id, f.path, f.form_id,
        f.fiscal_year || ' 年' || f.called || '在另一份文件中也有自评表，内容不同；汇总计入「' || c.path || '」的一张'
        || coalesce('（执行数 ' || format('{:,.2f}', c.executed_yuan::DOUBLE) || ' 元）', '') || '，不计本表'
        || coalesce('（' || format('{:,.2f}', f.executed_yuan::DOUBLE) || ' 元）', '')
    FROM v_form AS v
    JOIN form AS f ON f.form_id = v.form_id
    JOIN form AS c ON c.form_id = v.counted_form_id
    WHERE NOT v.counted AND c.document_id <> f.document_id
    UNION ALL
    SELECT 'folder_name', NULL, w.document_id, w.path, NULL, w.what
    FROM named_wrong AS w
    SEMI JOIN (SELECT document_id FROM form WHERE region_code IS NULL OR fiscal_year IS NULL) AS f USING (document_id)
    WHERE w.what IS NOT NULL
    UNION ALL
    SELECT 'folder_name', NULL, y.document_id, y.path, NULL, '文件夹写了不同的年度：' || y.years
    FROM two_years AS y
    SEMI JOIN (SELECT document_id FROM form WHERE fiscal_year IS NULL) AS f USING (document_id)
    UNION ALL
    -- of a kind that many cells of a form have, once; of a document that was rejected the reason says enough
    SELECT b.code, NULL, b.document_id, b.path, p.form_id,
        CASE WHEN count(*) > 1 THEN count(*) || ' 处，如：' ELSE '' END || coalesce(min_by(b.message, b.problem_id), b.code)
    FROM problem AS b
    LEFT JOIN project AS p ON p.document_id = b.document_id AND p.form_no = b.form_no
    ANTI JOIN (SELECT document_id FROM document WHERE status = 'rejected') AS r ON r.document_id = b.document_id
    WHERE b.severity <> 'info' OR b.code LIKE 'CORRECTION%' OR b.code LIKE 'DECISION%'
    GROUP BY b.code, b.document_id, b.path, p.form_id
    UNION ALL
    SELECT 'review_' || status, NULL, NULL, 'reviews.csv', NULL, '第 ' || line || ' 行：' || message
    FROM review
    -- that a finding is gone, or that a later line goes before, needs nobody
    WHERE status = 'invalid' OR status = 'expired' AND finding_id IS NOT NULL AND message LIKE '所印的值%'
    UNION ALL
    SELECT 'doubtful_link', NULL, a.document_id, a.path, l.form_id_a,
        coalesce(a.fiscal_year::VARCHAR, '') || a.called || '与' || coalesce(b.fiscal_year::VARCHAR, '') || b.called || '可能是同一个项目'
    FROM series_link AS l
    JOIN form AS a ON a.form_id = l.form_id_a
    JOIN form AS b ON b.form_id = l.form_id_b
    WHERE l.decision = 'review'
    UNION ALL
    -- a label of which no word says anything needs nobody: its text is kept
    SELECT 'proposal', NULL, NULL, NULL, NULL, '「' || coalesce(header_path, text) || '」不认识而有猜测，' || form_count || ' 张表印着'
    FROM proposal
    WHERE status = 'open' AND (section IN ('indicator', 'measure', 'source') OR confidence >= 0.5)
)
SELECT
    t.kind,
    coalesce(k.urgency, 9) AS urgency,
    t.document_id,
    t.path,
    t.form_id,
    t.what,
    coalesce(c.what_to_do, k.what_to_do) AS what_to_do,
    NULL::VARCHAR AS since_run
FROM told AS t
LEFT JOIN attention_kind AS k ON k.kind = t.kind
LEFT JOIN attention_kind AS c ON c.kind = t.code
ORDER BY urgency, t.kind, t.path, t.form_id, t.what
