-- What must hold in every build before it is published. Each query returns the rows that break its rule.

-- form_has_document: 每张表都属于一份已入库的文件
SELECT form_id FROM project AS p
ANTI JOIN (SELECT document_id FROM document WHERE status = 'loaded') AS d ON p.document_id = d.document_id;

-- document_has_its_forms: 每份文件的表数等于入库的表数加上与其他文件相同而未重复入库的表数
SELECT d.document_id, d.path, d.form_count, coalesce(p.forms, 0) AS forms, coalesce(c.copies, 0) AS copies FROM document AS d
LEFT JOIN (SELECT document_id, count(*) AS forms FROM project GROUP BY document_id) AS p USING (document_id)
LEFT JOIN (
    SELECT document_id, count(*) AS copies FROM problem WHERE code = 'DUPLICATE' GROUP BY document_id
) AS c USING (document_id)
WHERE coalesce(d.form_count, 0) <> coalesce(p.forms, 0) + coalesce(c.copies, 0);

-- document_has_outcome: 已入库的文件至少有一张表，未入库的文件有原因
SELECT document_id, path, status, reason_code FROM document
WHERE (status = 'loaded') <> (coalesce(form_count, 0) > 0) OR (status <> 'loaded' AND reason_code IS NULL);

-- first_path_is_first: 文件的路径是全部路径中排序最前的一个
SELECT document_id, path FROM document WHERE path <> paths[1];

-- rows_have_form: 资金、指标、其他栏目、出处和检查发现都属于某张表
SELECT table_name, form_id FROM (
    SELECT 'funding' AS table_name, form_id FROM funding
    UNION ALL SELECT 'indicator', form_id FROM indicator
    UNION ALL SELECT 'attribute', form_id FROM attribute
    UNION ALL SELECT 'provenance', form_id FROM provenance
    UNION ALL SELECT 'finding', form_id FROM finding
) AS r ANTI JOIN project AS p ON r.form_id = p.form_id;

-- finding_has_rule: 每项检查发现都有检查规则
SELECT finding_id, check_code FROM finding AS f ANTI JOIN check_rule AS c ON f.check_code = c.check_code;

-- finding_has_one_key: 每项检查发现有自己的标识，人的标记挂在上面
SELECT finding_key, count(*) AS findings FROM finding GROUP BY finding_key HAVING finding_key IS NULL OR count(*) > 1;

-- series_exists: 项目所属的跨年项目存在
SELECT form_id, series_id FROM project AS p
ANTI JOIN series AS s ON p.series_id = s.series_id WHERE p.series_id IS NOT NULL;

-- code_is_text_of_digits_and_letters: 项目编码不含空白和不可见字符
SELECT form_id, project_code FROM project WHERE regexp_matches(project_code, '[\s\p{C}]');
