-- The search path as it is, without the schema dasy.
SELECT set_config(
         'search_path',
         coalesce(string_agg(quote_ident(name), ', ' ORDER BY place), 'public'),
         false)
  FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, place)
 WHERE name <> 'dasy'
