INSERT INTO dasy.sources (
  run, ordinal, kind, location, path, bytes, repeatable, identity, header, first_byte, first_line, encoding, dialect,
  columns
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
