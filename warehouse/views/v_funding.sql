SELECT
    p.fiscal_year,
    p.region_code,
    f.department,
    f.unit,
    p.project_name,
    m.source,
    m.label,
    m.source = 'total' AS is_total,
    m.initial_yuan,
    m.adjusted_yuan,
    m.received_yuan,
    m.executed_yuan,
    m.rate_pct,
    v_rate_pct(m.executed_yuan, m.adjusted_yuan) AS computed_rate_pct,
    m.weight,
    m.score,
    f.counted,
    p.series_id,
    p.form_id
FROM funding AS m
JOIN project AS p USING (form_id)
JOIN v_form AS f USING (form_id)
