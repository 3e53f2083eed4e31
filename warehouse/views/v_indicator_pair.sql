WITH form_pair AS (
    SELECT form_id, 'previous' AS basis, previous_form_id AS other_form_id
    FROM v_form WHERE previous_form_id IS NOT NULL
    UNION ALL
    SELECT f.form_id, 'declared', max(t.form_id)
    FROM v_form AS f
    JOIN project AS p ON p.form_id = f.form_id
    JOIN project AS t ON t.series_id = p.series_id AND t.fiscal_year = p.fiscal_year AND t.form_kind = 'target'
    WHERE f.counted
    GROUP BY f.form_id
    HAVING count(*) = 1
),
wanted AS (
    SELECT form_id FROM form_pair UNION SELECT other_form_id FROM form_pair
),
name AS (
    SELECT level3, regexp_replace(
        regexp_replace(level3, '(19|20)\d\d年?度?', '', 'g'), '[^\p{L}\p{N}]', '', 'g'
    ) AS name_key
    FROM (SELECT DISTINCT level3 FROM indicator)
),
level AS (
    SELECT level1, level2, coalesce(v_aspect(level1, level2), level2, '') AS level_key
    FROM (SELECT DISTINCT level1, level2 FROM indicator)
),
keyed AS (
    -- a name that a form prints twice in one place pairs with nothing
    SELECT i.form_id, l.level_key, n.name_key, min(i.indicator_id) AS indicator_id
    FROM indicator AS i
    SEMI JOIN wanted AS w ON i.form_id = w.form_id
    JOIN name AS n ON i.level3 = n.level3
    JOIN level AS l ON i.level1 IS NOT DISTINCT FROM l.level1 AND i.level2 IS NOT DISTINCT FROM l.level2
    WHERE length(n.name_key) > 1 AND i.horizon IS DISTINCT FROM 'long_term'
        AND i.target_kind IS DISTINCT FROM 'not_applicable'
    GROUP BY i.form_id, l.level_key, n.name_key
    HAVING count(*) = 1
),
pair AS (
    SELECT
        f.basis, n.*, o.indicator_id AS other_indicator_id, o.form_id AS other_form_id, o.target_text AS other_text,
        o.target_value AS other_value, o.actual_value AS other_actual, o.weight AS other_weight,
        -- values compare where kind, unit and sense are the same
        n.target_kind = o.target_kind AND n.target_unit IS NOT DISTINCT FROM o.target_unit
            AND n.target_operator IS NOT DISTINCT FROM o.target_operator
            AND n.target_operator IS DISTINCT FROM 'range' AS comparable,
        (n.target_operator IN ('>=', '>') OR n.target_operator IS NULL AND NOT regexp_matches(concat(n.compare_basis, o.compare_basis), 'bare_down|bare_unknown')) AND o.actual_operator IS NULL
            AND o.actual_value > 0 AND n.target_unit IS NOT DISTINCT FROM coalesce(o.actual_unit, o.target_unit)
            AND n.target_kind = o.target_kind AND NOT contains(coalesce(o.compare_basis, ''), 'ratio_from_decimal')
            AS follows_actual,
        -- a target without a sign has the direction that it was compared in; where none is known, no move is looser
        CASE WHEN n.target_operator IN ('<=', '<') THEN true WHEN n.target_operator IN ('>=', '>') THEN false
            WHEN contains(n.compare_basis, 'bare_down') THEN true WHEN contains(n.compare_basis, 'bare_target') THEN false
            WHEN contains(o.compare_basis, 'bare_down') THEN true WHEN contains(o.compare_basis, 'bare_target') THEN false END AS lower_is_better
    FROM form_pair AS f
    JOIN keyed AS a ON a.form_id = f.form_id
    JOIN keyed AS b ON b.form_id = f.other_form_id AND b.level_key = a.level_key AND b.name_key = a.name_key
    JOIN indicator AS n ON n.indicator_id = a.indicator_id
    JOIN indicator AS o ON o.indicator_id = b.indicator_id
)
SELECT
    indicator_id,
    form_id,
    basis,
    other_indicator_id,
    other_form_id,
    CASE
        WHEN NOT comparable OR target_value IS NULL OR other_value IS NULL
            THEN CASE WHEN target_text = other_text THEN 'same' END
        WHEN target_value = other_value THEN 'same'
        WHEN lower_is_better IS NULL THEN NULL
        WHEN (target_value < other_value) <> lower_is_better THEN 'loosened'
        ELSE 'tightened'
    END AS target_move,
    CASE WHEN follows_actual THEN round(target_value::DOUBLE / other_actual::DOUBLE * 100, 2) END AS of_last_actual_pct,
    (weight::DECIMAL(18, 4) - other_weight)::DECIMAL(10, 4) AS weight_change
FROM pair
ORDER BY indicator_id, basis
