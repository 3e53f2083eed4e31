-- Where the value that a finding speaks of is printed: its own cell, or, where the field prints none, the name of the indicator.
WITH wanted AS (
    SELECT
        finding_id, form_id, coalesce(indicator_no, 1) AS row_no,
        CASE
            WHEN indicator_no IS NOT NULL THEN 'indicator'
            ELSE 'project'
        END AS table_name,
        field
    FROM finding
),
candidate AS (
    SELECT finding_id, form_id, table_name, row_no, field AS column_name, 1 AS choice FROM wanted WHERE field IS NOT NULL
    UNION ALL
    SELECT finding_id, form_id, table_name, row_no, 'level3', 2 FROM wanted WHERE table_name = 'indicator'
    UNION ALL
    SELECT finding_id, form_id, table_name, row_no, 'title', 3 FROM wanted WHERE table_name = 'project'
    UNION ALL
    SELECT finding_id, form_id, table_name, row_no, 'project_name', 4 FROM wanted WHERE table_name = 'project'
),
printed AS (
    SELECT form_id, table_name, row_no, column_name, min(page) AS page, arg_min(locator, coalesce(page, 0)) AS locator
    FROM (SELECT form_id, table_name, coalesce(row_no, 1) AS row_no, column_name, page, locator FROM provenance
        WHERE table_name IN ('project', 'indicator'))
    SEMI JOIN candidate USING (form_id, table_name, row_no, column_name)
    GROUP BY ALL
)
SELECT
    finding_id,
    table_name,
    row_no::INTEGER AS row_no,
    column_name,
    page,
    locator
FROM candidate
JOIN printed USING (form_id, table_name, row_no, column_name)
QUALIFY row_number() OVER (PARTITION BY finding_id ORDER BY choice) = 1
ORDER BY finding_id
