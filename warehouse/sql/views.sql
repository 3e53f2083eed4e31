-- The views for people. Comments of columns that carry a table's column name are copied from that table's declaration.

-- v_project: 项目自评一览；每张自评表一行，附文件路径、跨年项目名称、指标数和检查发现数；仅含项目支出绩效自评表
CREATE VIEW v_project AS
SELECT
    p.fiscal_year,
    p.region_code,
    p.department_name,
    p.unit_name,
    p.unit_code,
    p.project_name,
    p.project_code,
    p.budget_initial_yuan,
    p.budget_adjusted_yuan,
    p.executed_yuan,
    p.execution_rate_pct,
    p.execution_weight,
    p.execution_score,
    p.total_weight,
    p.total_score,
    p.grade,
    coalesce(i.indicator_count, 0) AS indicator_count,
    coalesce(i.met_count, 0) AS met_count,
    coalesce(f.finding_count, 0) AS finding_count,
    p.goal_expected,
    p.goal_actual,
    p.title,
    p.series_id,
    s.series_name,
    p.form_id,
    p.document_id,
    d.path,
    p.page_from,
    p.page_to
FROM project AS p
JOIN document AS d USING (document_id)
LEFT JOIN series AS s USING (series_id)
LEFT JOIN (
    SELECT form_id, count(*) AS indicator_count, count(*) FILTER (met) AS met_count FROM indicator GROUP BY form_id
) AS i USING (form_id)
LEFT JOIN (SELECT form_id, count(*) AS finding_count FROM finding GROUP BY form_id) AS f USING (form_id)
WHERE p.form_kind = 'self_evaluation';

-- v_indicator: 绩效指标一览；每条指标一行，附年度、单位和项目名称；仅含项目支出绩效自评表
CREATE VIEW v_indicator AS
SELECT
    p.fiscal_year,
    p.region_code,
    p.department_name,
    p.unit_name,
    p.project_name,
    p.project_code,
    i.* EXCLUDE (form_id),
    p.total_score,
    p.grade,
    p.series_id,
    i.form_id,
    p.document_id,
    d.path
FROM indicator AS i
JOIN project AS p USING (form_id)
JOIN document AS d USING (document_id)
WHERE p.form_kind = 'self_evaluation';
