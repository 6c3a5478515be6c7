INSERT INTO dasy.ranges (run, source, start_byte, end_byte, first_line, next_line, records, rejected)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
