-- Documents of the last build that are gone, or hold fewer indicators now. A new file in the place of an old one has
-- another id: it is held against the old one by its path.
INSERT INTO loss BY NAME
WITH before AS (
    SELECT d.document_id, d.path, count(*) AS forms, sum(coalesce(i.n, 0)) AS indicators,
        sum(p.budget_adjusted_yuan) AS adjusted_yuan, sum(p.executed_yuan) AS executed_yuan
    FROM last_build.document AS d
    JOIN last_build.project AS p USING (document_id)
    LEFT JOIN (SELECT form_id, count(*) AS n FROM last_build.indicator GROUP BY form_id) AS i USING (form_id)
    GROUP BY d.document_id, d.path
),
present AS (
    SELECT d.document_id, d.paths, count(p.form_id) AS forms, sum(coalesce(i.n, 0)) AS indicators
    FROM main.document AS d
    LEFT JOIN main.project AS p USING (document_id)
    LEFT JOIN (SELECT form_id, count(*) AS n FROM main.indicator GROUP BY form_id) AS i USING (form_id)
    GROUP BY d.document_id, d.paths
),
at_path AS (SELECT unnest(paths) AS path, document_id, forms, indicators FROM present),
copied AS (SELECT DISTINCT document_id FROM main.problem WHERE code = 'DUPLICATE')
SELECT
    b.document_id, b.path,
    CASE WHEN s.document_id IS NULL AND a.document_id IS NULL THEN 'gone' ELSE 'fewer' END AS kind,
    b.forms::INTEGER AS forms_before, coalesce(s.forms, a.forms, 0)::INTEGER AS forms_now,
    b.indicators::INTEGER AS indicators_before, coalesce(s.indicators, a.indicators, 0)::INTEGER AS indicators_now,
    b.adjusted_yuan::DECIMAL(18, 2) AS adjusted_yuan, b.executed_yuan::DECIMAL(18, 2) AS executed_yuan
FROM before AS b
LEFT JOIN present AS s USING (document_id)
LEFT JOIN at_path AS a ON s.document_id IS NULL AND a.path = b.path
WHERE coalesce(s.indicators, a.indicators, 0) < b.indicators
    AND coalesce(s.document_id, a.document_id, '') NOT IN (SELECT document_id FROM copied WHERE document_id IS NOT NULL)
