WITH unit_named AS (
    -- a name that two units of a region bear names neither
    SELECT region_code, name, min(unit_id) AS unit_id
    FROM (SELECT region_code, unit_id, unnest(list_append(coalesce(aliases, []), unit_name)) AS name FROM organisation)
    WHERE name IS NOT NULL
    GROUP BY region_code, name
    HAVING count(DISTINCT unit_id) = 1
),
form AS (
    SELECT
        p.form_id, p.fiscal_year, p.series_id, s.form_count AS series_forms, p.project_code, d.path, p.form_no, coalesce(p.unit_id, own.unit_id) AS unit_id,
        v_rate_pct(p.executed_yuan, p.budget_adjusted_yuan) AS computed_rate_pct,
        coalesce(o.unit_name, p.unit_name, p.department_name) AS unit,
        coalesce(od.unit_name, CASE WHEN p.department_name = p.unit_name THEN o.unit_name END, p.department_name, o.department_name, o.unit_name, p.unit_name) AS department,
        regexp_replace(
            regexp_replace(p.project_name, '(19|20)\d\d年?度?', '', 'g'), '[^\p{L}\p{N}]', '', 'g'
        ) AS name_key
    FROM project AS p
    JOIN document AS d USING (document_id)
    LEFT JOIN series AS s USING (series_id)
    LEFT JOIN unit_named AS own
        ON own.region_code IS NOT DISTINCT FROM p.region_code AND own.name = coalesce(p.unit_name, p.department_name)
    LEFT JOIN organisation AS o ON o.unit_id = coalesce(p.unit_id, own.unit_id)
    LEFT JOIN unit_named AS above
        ON above.region_code IS NOT DISTINCT FROM p.region_code AND above.name = p.department_name
    LEFT JOIN organisation AS od ON od.unit_id = above.unit_id
    WHERE p.form_kind = 'self_evaluation'
),
coded AS (
    -- a form that prints no code has the code of its namesakes, if they have only one
    SELECT *, coalesce(project_code, CASE WHEN min(project_code) OVER same = max(project_code) OVER same
        THEN min(project_code) OVER same END, '') AS code
    FROM form WINDOW same AS (PARTITION BY fiscal_year, coalesce(unit_id, unit), name_key)
),
keyed AS (
    -- without a year, a name or a unit nothing says that two forms are one project's
    SELECT *, CASE WHEN fiscal_year IS NOT NULL AND name_key <> '' AND unit IS NOT NULL
        THEN concat_ws(chr(31), coalesce(unit_id, unit), name_key, code) ELSE form_id END AS project_key,
        CASE WHEN fiscal_year IS NOT NULL THEN coalesce(series_id, form_id) ELSE form_id END AS series_key
    FROM coded
),
ranked AS (
    SELECT *,
        -- the form that the other years are linked with, else the first in the order of paths
        row_number() OVER (
            PARTITION BY fiscal_year, project_key ORDER BY series_forms DESC NULLS LAST, path, form_no
        ) AS of_key,
        row_number() OVER (PARTITION BY fiscal_year, series_key ORDER BY path, form_no) AS of_series,
        first_value(form_id) OVER (
            PARTITION BY fiscal_year, project_key ORDER BY series_forms DESC NULLS LAST, path, form_no
        ) AS first_of_key,
        first_value(form_id) OVER (PARTITION BY fiscal_year, series_key ORDER BY path, form_no) AS first_of_series,
        greatest(
            count(*) OVER (PARTITION BY fiscal_year, project_key), count(*) OVER (PARTITION BY fiscal_year, series_key)
        ) AS same_forms
    FROM keyed
),
chain AS (
    SELECT form_id, lag(form_id) OVER years AS previous_form_id, lag(fiscal_year) OVER years AS previous_year
    FROM ranked
    WHERE of_series = 1 AND fiscal_year IS NOT NULL AND series_id IS NOT NULL
    WINDOW years AS (PARTITION BY series_id ORDER BY fiscal_year)
),
counted AS (
    SELECT
        form_id,
        count(*) AS indicator_count,
        count(*) FILTER (met) AS met_count,
        count(*) FILTER (NOT met) AS missed_count,
        sum(weight) FILTER (own) AS other_weight,
        sum(score) FILTER (own) AS other_score
    FROM (
        SELECT *, horizon IS DISTINCT FROM 'long_term' AND v_aspect(level1, level2) IS DISTINCT FROM 'execution' AS own
        FROM indicator
    )
    GROUP BY form_id
),
found AS (
    -- what a person marked as no fault, or as a misreading, does not count
    SELECT
        form_id,
        count(*) FILTER (NOT dismissed) AS finding_count,
        count(*) FILTER (severity = 'error' AND NOT dismissed) AS error_count,
        count(*) FILTER (severity = 'warning' AND NOT dismissed) AS warning_count,
        count(*) FILTER (dismissed) AS dismissed_count
    FROM (
        SELECT f.form_id, f.severity, m.finding_key IS NOT NULL AS dismissed
        FROM finding AS f
        LEFT JOIN (FROM review WHERE status = 'applied' AND state IN ('不成立', '读错')) AS m USING (finding_key)
    )
    GROUP BY form_id
)
SELECT
    r.form_id,
    r.unit_id,
    r.unit,
    r.department,
    r.of_key = 1 AND r.of_series = 1 AS counted,
    r.same_forms::INTEGER AS same_forms,
    k.first_of_series AS counted_form_id,
    c.previous_form_id,
    c.previous_year,
    r.computed_rate_pct,
    coalesce(i.indicator_count, 0)::INTEGER AS indicator_count,
    coalesce(i.met_count, 0)::INTEGER AS met_count,
    coalesce(i.missed_count, 0)::INTEGER AS missed_count,
    i.other_weight::DECIMAL(18, 4) AS other_weight,
    i.other_score::DECIMAL(18, 4) AS other_score,
    coalesce(f.finding_count, 0)::INTEGER AS finding_count,
    coalesce(f.error_count, 0)::INTEGER AS error_count,
    coalesce(f.warning_count, 0)::INTEGER AS warning_count,
    coalesce(f.dismissed_count, 0)::INTEGER AS dismissed_count
FROM ranked AS r
JOIN ranked AS k ON k.form_id = r.first_of_key
LEFT JOIN chain AS c ON c.form_id = r.form_id
LEFT JOIN counted AS i ON i.form_id = r.form_id
LEFT JOIN found AS f ON f.form_id = r.form_id
ORDER BY r.form_id
