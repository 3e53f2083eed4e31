SELECT
    p.fiscal_year,
    p.region_code,
    p.unit_name,
    p.project_name,
    c.status,
    c.table_name,
    c.row_no,
    c.column_name,
    c.printed_text,
    c.printed_value,
    c.value,
    c.reason,
    c.who,
    c.decided_on,
    c.message,
    d.path,
    c.form_id
FROM correction AS c
LEFT JOIN project AS p USING (form_id)
LEFT JOIN document AS d ON d.document_id = c.document_id
