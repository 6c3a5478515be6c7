CREATE TABLE products (
  sku          text PRIMARY KEY,
  name         text,
  description  text
)
