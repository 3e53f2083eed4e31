SELECT
    p.fiscal_year,
    p.region_code,
    v.department,
    v.unit,
    p.project_name,
    c.check_group,
    f.check_code,
    c.name AS check_name,
    f.severity,
    f.indicator_no,
    f.field,
    f.printed,
    f.expected,
    f.message,
    f.verdict,
    f.corrected,
    v.counted,
    coalesce(m.state IN ('不成立', '读错'), false) AS dismissed,
    p.series_id,
    f.form_id,
    f.finding_id,
    f.finding_key,
    coalesce(m.state, '待核') AS review_state,
    m.note AS review_note,
    m.who AS reviewed_by,
    d.path,
    o.page,
    o.locator
FROM finding AS f
JOIN project AS p USING (form_id)
JOIN v_form AS v USING (form_id)
LEFT JOIN check_rule AS c USING (check_code)
JOIN document AS d ON d.document_id = p.document_id
LEFT JOIN v_finding_place AS o ON o.finding_id = f.finding_id
LEFT JOIN (FROM review WHERE status = 'applied') AS m ON m.finding_key = f.finding_key
