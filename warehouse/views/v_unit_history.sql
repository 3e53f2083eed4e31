SELECT u.*, n.error_count, n.warning_count
FROM v_unit_year AS u
LEFT JOIN v_finding_unit_year AS n
    ON n.region_code IS NOT DISTINCT FROM u.region_code AND n.department IS NOT DISTINCT FROM u.department
    AND n.unit IS NOT DISTINCT FROM u.unit AND n.fiscal_year IS NOT DISTINCT FROM u.fiscal_year
WHERE contains(u.unit, word) OR u.unit IN (
    SELECT unit_name FROM organisation WHERE unit_code = word OR len(list_filter(aliases, lambda alias: contains(alias, word))) > 0
)
ORDER BY u.region_code, u.unit, u.fiscal_year
