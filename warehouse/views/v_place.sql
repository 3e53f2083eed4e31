SELECT
    p.fiscal_year,
    p.project_name,
    r.table_name,
    r.row_no,
    r.column_name,
    r.text,
    d.path,
    r.page,
    r.locator,
    r.x0,
    r.top,
    r.x1,
    r.bottom,
    r.origin,
    r.confidence,
    r.form_id
FROM provenance AS r
JOIN project AS p USING (form_id)
JOIN document AS d USING (document_id)
