-- As a first load creates it; see merge/make_target and merge/add_key.
CREATE TABLE products (
  sku          text PRIMARY KEY WITH (deduplicate_items = off),
  name         text,
  description  text
)
WITH (fillfactor = 85)
