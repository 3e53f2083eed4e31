SELECT
    p.series_id,
    p.fiscal_year,
    p.region_code,
    f.department,
    f.unit,
    p.project_name,
    i.indicator_no,
    i.level2,
    i.level3,
    t.target_text AS declared_target_text,
    i.target_text,
    i.actual_text,
    k.target_move,
    t.weight AS declared_weight,
    i.weight,
    i.score,
    i.met,
    i.form_id,
    k.other_form_id AS declared_form_id
FROM v_indicator_pair AS k
JOIN indicator AS i ON i.indicator_id = k.indicator_id
JOIN indicator AS t ON t.indicator_id = k.other_indicator_id
JOIN project AS p ON p.form_id = k.form_id
JOIN v_form AS f ON f.form_id = k.form_id
WHERE k.basis = 'declared'
