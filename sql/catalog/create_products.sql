CREATE TABLE products (
  sku          text PRIMARY KEY WITH (deduplicate_items = off),
  name         text,
  description  text
)
