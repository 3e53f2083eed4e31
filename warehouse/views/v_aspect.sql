CASE
    WHEN contains(concat(level1, level2), '预算执行') OR contains(concat(level1, level2), '资金执行')
        OR starts_with(concat(level1, level2), '执行率') THEN 'execution'
    WHEN contains(concat(level1, level2), '满意') THEN 'satisfaction'
    WHEN contains(concat(level1, level2), '成本') THEN 'cost'
    WHEN contains(concat(level1, level2), '效益') OR contains(concat(level1, level2), '影响')
        OR contains(concat(level1, level2), '效果') THEN 'benefit'
    WHEN contains(concat(level1, level2), '数量') THEN 'quantity'
    WHEN contains(concat(level1, level2), '质量') THEN 'quality'
    WHEN contains(concat(level1, level2), '时效') OR contains(concat(level1, level2), '进度') THEN 'timeliness'
END
