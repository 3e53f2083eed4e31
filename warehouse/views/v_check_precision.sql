SELECT
    c.check_code,
    c.name AS check_name,
    count(*) FILTER (m.state = '属实' OR m.state = '已整改')::INTEGER AS true_count,
    count(*) FILTER (m.state = '不成立')::INTEGER AS refuted_count,
    count(*) FILTER (m.state = '读错')::INTEGER AS misread_count,
    v_rate_pct(
        count(*) FILTER (m.state = '属实' OR m.state = '已整改'), nullif(count(*) FILTER (m.state <> '待核'), 0)
    ) AS true_pct
FROM review AS m
JOIN finding AS f ON f.finding_id = m.finding_id
JOIN check_rule AS c ON c.check_code = f.check_code
WHERE m.status = 'applied'
GROUP BY c.check_code, c.name
HAVING count(*) FILTER (m.state <> '待核') > 0
