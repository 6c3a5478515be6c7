INSERT INTO dasy.tables (relation)
VALUES ($1::regclass)
    ON CONFLICT DO NOTHING
