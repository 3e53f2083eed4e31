SELECT
    p.series_id,
    p.fiscal_year,
    f.previous_year,
    p.region_code,
    f.department,
    f.unit,
    p.project_name,
    i.indicator_no,
    i.level1,
    i.level2,
    i.level3,
    v_aspect(i.level1, i.level2) AS aspect,
    i.target_kind,
    b.target_text AS previous_target_text,
    b.actual_text AS previous_actual_text,
    i.target_text,
    i.actual_text,
    b.target_value AS previous_target_value,
    b.actual_value AS previous_actual_value,
    i.target_value,
    i.actual_value,
    i.target_unit,
    k.target_move,
    m.budget_change_pct,
    CASE WHEN k.target_move IN ('loosened', 'tightened') AND b.target_value <> 0
        THEN sign(m.budget_change_pct) = sign(i.target_value - b.target_value)
            AND abs(m.budget_change_pct) >= 80 * abs(i.target_value - b.target_value)::DOUBLE / abs(b.target_value)::DOUBLE END AS moved_with_budget,
    k.of_last_actual_pct,
    b.met AS previous_met,
    i.met,
    b.attainment_pct AS previous_attainment_pct,
    i.attainment_pct,
    b.weight AS previous_weight,
    i.weight,
    k.weight_change,
    b.score AS previous_score,
    i.score,
    i.deviation,
    i.indicator_id,
    i.form_id,
    k.other_form_id AS previous_form_id
FROM v_indicator_pair AS k
JOIN indicator AS i ON i.indicator_id = k.indicator_id
JOIN indicator AS b ON b.indicator_id = k.other_indicator_id
JOIN project AS p ON p.form_id = k.form_id
JOIN v_form AS f ON f.form_id = k.form_id
LEFT JOIN (
    SELECT n.form_id, o.form_id AS other_form_id,
        round((coalesce(n.budget_adjusted_yuan, n.budget_initial_yuan)::DOUBLE / nullif(coalesce(o.budget_adjusted_yuan, o.budget_initial_yuan), 0)::DOUBLE - 1) * 100, 2)
            AS budget_change_pct
    FROM project AS n JOIN project AS o ON o.series_id = n.series_id
) AS m ON m.form_id = k.form_id AND m.other_form_id = k.other_form_id
WHERE k.basis = 'previous'
