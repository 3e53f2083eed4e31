SELECT
    region_code,
    fiscal_year,
    check_code,
    severity,
    verdict,
    review_state,
    sum(finding_count)::INTEGER AS finding_count,
    sum(dismissed_count)::INTEGER AS dismissed_count
FROM v_finding_count
GROUP BY ALL
