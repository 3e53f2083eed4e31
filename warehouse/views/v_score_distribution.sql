WITH banded AS (
    SELECT fiscal_year, region_code, CASE
        WHEN total_score IS NULL THEN '9 未印总分'
        WHEN coalesce(total_weight, 100) <> 100 OR NOT total_score BETWEEN 0 AND 100 THEN '8 不是百分制'
        WHEN total_score = 100 THEN '1 100'
        WHEN total_score >= 95 THEN '2 95–100'
        WHEN total_score >= 90 THEN '3 90–95'
        WHEN total_score >= 80 THEN '4 80–90'
        WHEN total_score >= 60 THEN '5 60–80'
        ELSE '6 60 以下'
    END AS band
    FROM project AS p
    JOIN v_form AS f USING (form_id)
    WHERE f.counted
)
SELECT
    region_code,
    fiscal_year,
    split_part(band, ' ', 1)::INTEGER AS band_no,
    substr(band, 3) AS band,
    count(*)::INTEGER AS form_count,
    v_rate_pct(count(*), sum(count(*)) OVER (PARTITION BY region_code, fiscal_year)) AS share_pct
FROM banded
GROUP BY region_code, fiscal_year, band
