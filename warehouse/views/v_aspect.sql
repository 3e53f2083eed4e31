CASE
    WHEN contains(level1, '预算执行') OR contains(level2, '预算执行') OR contains(level1, '资金执行')
        OR contains(level2, '资金执行') OR starts_with(level1, '执行率') OR starts_with(level2, '执行率') THEN 'execution'
    WHEN contains(level1, '满意') OR contains(level2, '满意') THEN 'satisfaction'
    WHEN contains(level1, '成本') OR contains(level2, '成本') THEN 'cost'
    WHEN contains(level1, '效益') OR contains(level2, '效益') OR contains(level1, '影响') OR contains(level2, '影响')
        OR contains(level1, '效果') OR contains(level2, '效果') THEN 'benefit'
    WHEN contains(level1, '数量') OR contains(level2, '数量') THEN 'quantity'
    WHEN contains(level1, '质量') OR contains(level2, '质量') THEN 'quality'
    WHEN contains(level1, '时效') OR contains(level2, '时效') OR contains(level1, '进度') OR contains(level2, '进度')
        THEN 'timeliness'
END
