-- Checks that compare the forms of the whole collection, whatever region they are of: over check_everywhere, a short row for each form.

-- HDR_DUPLICATE_CONTENT
SELECT f.form_id,
    '本表所在文件另有 ' || (len(d.paths) - 1) || ' 份内容完全相同的副本，如「' || d.paths[2] || '」。' AS message
FROM check_everywhere AS f JOIN document AS d USING (document_id) WHERE len(d.paths) > 1
UNION ALL
SELECT a.form_id, '本表与「' || any_value(other.path) || '」中的一张表内容完全相同，请核对是否重复报送。'
FROM (
    SELECT *, count(*) OVER same AS forms, min(document_id) OVER same AS first_document, max(document_id) OVER same AS last_document FROM check_everywhere
    WHERE told
    WINDOW same AS (PARTITION BY print_hash)
) AS a
JOIN document AS other ON other.document_id = CASE WHEN a.document_id = first_document THEN last_document ELSE first_document END
WHERE forms > 1 AND first_document <> last_document
GROUP BY a.form_id;
