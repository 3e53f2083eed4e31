-- A row that was told before has been there since then; of documents that are gone only this build tells.
UPDATE v_attention SET since_run = b.since_run
FROM last_build.v_attention AS b
WHERE v_attention.kind = b.kind AND v_attention.path IS NOT DISTINCT FROM b.path
    AND v_attention.form_id IS NOT DISTINCT FROM b.form_id AND v_attention.what IS NOT DISTINCT FROM b.what
