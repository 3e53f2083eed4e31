SELECT
    p.fiscal_year,
    p.region_code,
    p.department_name,
    p.unit_name,
    p.project_name,
    p.project_code,
    i.* EXCLUDE (form_id),
    v_aspect(i.level1, i.level2) AS aspect,
    p.total_score,
    p.grade,
    f.department,
    f.unit,
    f.counted,
    p.series_id,
    i.form_id,
    p.document_id,
    d.path
FROM indicator AS i
JOIN project AS p USING (form_id)
JOIN v_form AS f USING (form_id)
JOIN document AS d USING (document_id)
