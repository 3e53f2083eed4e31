-- Sorted by unit, so that those of one unit are found without reading all.
SELECT
    p.region_code,
    v.department,
    v.unit,
    v.unit_id,
    p.fiscal_year,
    f.check_code,
    f.severity,
    f.verdict,
    coalesce(m.state, '待核') AS review_state,
    count(*) FILTER (coalesce(m.state NOT IN ('不成立', '读错'), true))::INTEGER AS finding_count,
    count(*) FILTER (m.state IN ('不成立', '读错'))::INTEGER AS dismissed_count
FROM finding AS f
JOIN project AS p USING (form_id)
JOIN v_form AS v USING (form_id)
LEFT JOIN (FROM review WHERE status = 'applied') AS m ON m.finding_key = f.finding_key
GROUP BY ALL
ORDER BY p.region_code, v.department, v.unit, p.fiscal_year
