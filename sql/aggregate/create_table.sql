-- The constraint has the name that PostgreSQL gives it by itself, also where the table gets its own name later.
CREATE TABLE {aggregate} (
  {column} {type},
  {count} bigint CONSTRAINT {not_null} NOT NULL
)
