-- From what the checks found (check_found) to rows of finding: ids, verdicts, and the key that a mark of a person hangs on.

-- yielded
-- One fault, one finding: what a stronger check tells of the same place.
DELETE FROM checks.check_found WHERE rowid IN (
    SELECT f.rowid FROM checks.check_found AS f JOIN checks.check_yields AS y USING (check_code)
    JOIN (FROM checks.check_found SEMI JOIN (SELECT stronger AS check_code FROM checks.check_yields) AS s USING (check_code)) AS o
        ON o.form_id = f.form_id AND o.check_code = y.stronger AND o.indicator_no IS NOT DISTINCT FROM f.indicator_no
);

-- finding
-- A contradiction of the form is the filer's only where every value that enters the check was read without doubt and, for sums and completeness,
-- nothing of that part of the form is unknown; else, and on scans, the reading is in doubt. A finding on a form, or an indicator, that has corrected values says so
-- and is nobody's. The id is made of form, check, indicator and field; the ordinal tells several of one kind apart. The key tells a finding from all
-- others over every ingestion, and over a new file of its form: it begins with a letter, so that no spreadsheet takes it for a number, and of equals
-- the order on the form tells. Only what shares its hash with another is put in order, as most stand alone. Those of a form stand together, so that they are found without reading all.
INSERT INTO finding BY NAME
WITH doubted AS (
    SELECT k.form_id, k.check_code, bool_or(d.row_no IS NULL) AS whole, list(d.row_no) AS rows
    FROM (SELECT DISTINCT form_id, check_code FROM check_found) AS k
    JOIN check_reads AS r USING (check_code)
    JOIN check_doubted AS d ON d.form_id = k.form_id AND d.column_name = r.column_name
    GROUP BY k.form_id, k.check_code
),
unknown AS (SELECT DISTINCT form_id, check_code FROM check_unknown JOIN check_whole USING (part)),
found AS (
    SELECT f.*, f.rowid AS found_no, r.severity AS gravest, r.contradiction,
        coalesce(c.form_id IS NOT NULL AND (
            f.indicator_no IS NULL OR coalesce(list_contains(c.numbers, f.indicator_no), false) OR c.money AND r.of_money
        ), false) AS corrected,
        d.form_id IS NOT NULL AND (d.whole OR f.indicator_no IS NULL OR list_contains(d.rows, f.indicator_no)) OR u.form_id IS NOT NULL
            OR f.form_id IN (FROM check_scan) AS doubted
    FROM check_found AS f
    JOIN check_declared AS r USING (check_code)
    LEFT JOIN check_corrected AS c ON c.form_id = f.form_id
    LEFT JOIN doubted AS d ON d.form_id = f.form_id AND d.check_code = f.check_code
    LEFT JOIN unknown AS u ON u.form_id = f.form_id AND u.check_code = f.check_code
),
repeated AS (SELECT hash(form_id, check_code, indicator_no, field) AS place FROM check_found GROUP BY place HAVING count(*) > 1),
numbered AS (
    SELECT rowid AS found_no, row_number() OVER (PARTITION BY form_id, check_code, indicator_no, field ORDER BY printed, expected, message) AS ordinal
    FROM check_found WHERE hash(form_id, check_code, indicator_no, field) IN (FROM repeated)
),
judged AS (
    SELECT
        found_no, concat_ws('-', form_id, check_code, indicator_no, field, coalesce(ordinal, 1)) AS finding_id,
        corrected, form_id, indicator_no, check_code, coalesce(severity, gravest) AS severity, field, printed, expected,
        message || CASE WHEN corrected THEN '（本表有更正过的值）' ELSE '' END AS message,
        CASE WHEN verdict IS NOT NULL THEN nullif(verdict, 'none') WHEN doubted THEN 'reader' WHEN contradiction AND NOT corrected THEN 'filer' END AS verdict
    FROM found LEFT JOIN numbered USING (found_no)
),
called AS MATERIALIZED (
    SELECT form_id, concat_ws(
        chr(31),
        coalesce(region_code, ''),
        coalesce(unit_code, nullif(letters(unit_name), ''), nullif(letters(department_name), ''), ''),
        -- a form without code and name is only itself
        coalesce(project_code, nullif(letters(project_name), ''), form_id),
        coalesce(fiscal_year::VARCHAR, ''),
        form_kind
    ) AS form_identity
    FROM project SEMI JOIN check_found USING (form_id)
),
identified AS MATERIALIZED (
    SELECT f.rowid AS found_no, concat_ws(
        chr(31), p.form_identity, f.check_code, coalesce(i.level2, ''), coalesce(i.level3, ''), coalesce(f.field, '')
    ) AS identity
    FROM check_found AS f
    JOIN called AS p USING (form_id)
    LEFT JOIN indicator AS i ON i.form_id = f.form_id AND i.indicator_no = f.indicator_no
),
alike AS (SELECT hash(identity) AS likeness FROM identified GROUP BY likeness HAVING count(*) > 1),
ordered AS (
    SELECT found_no, row_number() OVER (PARTITION BY identity ORDER BY indicator_no, printed, expected, message, form_id) AS ordinal
    FROM identified JOIN (SELECT *, rowid AS found_no FROM check_found) USING (found_no) WHERE hash(identity) IN (FROM alike)
)
SELECT f.* EXCLUDE (found_no), 'f' || left(sha256(concat_ws(chr(31), i.identity, coalesce(o.ordinal, 1)::VARCHAR)), 16) AS finding_key
FROM judged AS f
JOIN identified AS i USING (found_no)
LEFT JOIN ordered AS o USING (found_no)
ORDER BY finding_id;
