CREATE TABLE {aggregate} (
  {column} {type},
  {count} bigint NOT NULL
)
