SELECT *
FROM v_unit_year
WHERE unit IN (
    SELECT unnest(list_append(coalesce(aliases, []), unit_name))
    FROM organisation
    WHERE contains(unit_name, word) OR unit_code = word
        OR len(list_filter(aliases, lambda alias: contains(alias, word))) > 0
)
ORDER BY region_code, unit, fiscal_year
