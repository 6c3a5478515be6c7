CREATE TABLE {aggregate} (
  {column} {type} {collation},
  {count} bigint NOT NULL
);
ALTER TABLE {aggregate} REPLICA IDENTITY FULL
