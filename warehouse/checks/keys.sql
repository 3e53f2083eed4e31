-- What tells a finding from all others over every ingestion, and over a new file of its form: a mark of a person hangs on it.

-- finding_key
-- The key begins with a letter, so that no spreadsheet takes it for a number. Of equals the order on the form tells.
UPDATE finding SET finding_key = 'f' || left(sha256(concat_ws(chr(31), k.identity, k.ordinal::VARCHAR)), 16)
FROM (
    SELECT finding_id, identity, row_number() OVER (
        PARTITION BY identity ORDER BY indicator_no, printed, expected, message, finding_id
    ) AS ordinal
    FROM (
        SELECT f.finding_id, f.indicator_no, f.printed, f.expected, f.message, concat_ws(
            chr(31),
            coalesce(p.region_code, ''),
            coalesce(p.unit_code, nullif(letters(p.unit_name), ''), nullif(letters(p.department_name), ''), ''),
            -- a form without code and name is only itself
            coalesce(p.project_code, nullif(letters(p.project_name), ''), p.form_id),
            coalesce(p.fiscal_year::VARCHAR, ''),
            p.form_kind,
            f.check_code,
            coalesce(i.level2, ''),
            coalesce(i.level3, ''),
            coalesce(f.field, '')
        ) AS identity
        FROM finding AS f
        JOIN project AS p USING (form_id)
        LEFT JOIN indicator AS i ON i.form_id = f.form_id AND i.indicator_no = f.indicator_no
    )
) AS k
WHERE k.finding_id = finding.finding_id;
