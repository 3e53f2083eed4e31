CASE WHEN whole > 0 AND part >= 0 THEN ((
    2 * (part::DECIMAL(38, 2) * 100)::HUGEINT * 10000 + (whole::DECIMAL(38, 2) * 100)::HUGEINT
) // (2 * (whole::DECIMAL(38, 2) * 100)::HUGEINT))::DOUBLE / 100 END
