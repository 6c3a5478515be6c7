import type { TestDatabase } from './database.js'

/** What the catalog says of the table products, its aggregate and all that depends on them, without what is numbered. */
export async function catalogFacts(db: TestDatabase): Promise<Record<string, unknown[]>> {
  const parts = `
    WITH RECURSIVE part (class, object) AS (
      SELECT 'pg_class'::regclass::oid, c.oid
        FROM pg_class AS c
       WHERE c.oid IN ('products'::regclass, 'products_agg'::regclass)
          OR c.relnamespace = 'dasy'::regnamespace AND c.relname ~ '^(groups|marks|epochs)_'
       UNION
      SELECT 'pg_proc'::regclass, p.oid FROM pg_proc AS p
       WHERE p.pronamespace = 'dasy'::regnamespace AND p.proname ~ '^(follow|amend)_'
       UNION
      SELECT d.classid, d.objid
        FROM part AS p JOIN pg_depend AS d ON d.refclassid = p.class AND d.refobjid = p.object
    )`
  const unnumbered = (text: string) => `regexp_replace(${text}, 'pg_toast_\\d+', 'pg_toast', 'g')`
  const identity = (object: string) => unnumbered(`(${object}).identity`)
  const of = (what: string, from: string, without: string) => `${parts}
    SELECT ${what} AS what, to_jsonb(x) - ARRAY['oid', ${without}] AS entry
      FROM part AS p JOIN ${from} ORDER BY 1, 2`
  const name = identity('pg_identify_object(p.class, p.object, 0)')
  const queries = {
    relations: of(
      name,
      `pg_class AS x ON p.class = 'pg_class'::regclass AND x.oid = p.object`,
      `'relname', 'relnamespace', 'relfilenode', 'reltype', 'reltoastrelid', 'relpages', 'reltuples', 'relallvisible',
       'relallfrozen', 'relfrozenxid', 'relminmxid'`,
    ),
    // Some minor versions of PostgreSQL add an option of their own to each column, with a number.
    columns: of(
      `concat_ws(' ', ${name}, ARRAY(SELECT o FROM unnest(x.attoptions) AS o WHERE o NOT LIKE 'pg_attver=%')::text)`,
      `pg_attribute AS x ON p.class = 'pg_class'::regclass AND x.attrelid = p.object`,
      `'attrelid', 'attoptions'`,
    ),
    indexes: of(
      unnumbered('pg_get_indexdef(p.object)'),
      `pg_index AS x ON p.class = 'pg_class'::regclass AND x.indexrelid = p.object`,
      `'indexrelid', 'indrelid', 'indcheckxmin'`,
    ),
    constraints: of(
      `pg_get_constraintdef(p.object)`,
      `pg_constraint AS x ON p.class = 'pg_constraint'::regclass AND x.oid = p.object`,
      `'connamespace', 'conrelid', 'conindid'`,
    ),
    triggers: of(
      `pg_get_triggerdef(p.object)`,
      `pg_trigger AS x ON p.class = 'pg_trigger'::regclass AND x.oid = p.object`,
      `'tgrelid', 'tgfoid'`,
    ),
    types: of(
      name,
      `pg_type AS x ON p.class = 'pg_type'::regclass AND x.oid = p.object`,
      `'typnamespace', 'typrelid', 'typelem', 'typarray'`,
    ),
    functions: of(
      `pg_get_functiondef(p.object)`,
      `pg_proc AS x ON p.class = 'pg_proc'::regclass AND x.oid = p.object`,
      `'pronamespace'`,
    ),
    statistics: of(
      `pg_get_statisticsobjdef(p.object)`,
      `pg_statistic_ext AS x ON p.class = 'pg_statistic_ext'::regclass AND x.oid = p.object`,
      `'stxnamespace', 'stxrelid', 'stxexprs'`,
    ),
    view: `SELECT pg_get_viewdef('products_agg'::regclass)`,
    dependencies: `${parts}
      SELECT ${name} AS dependent, ${identity('pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid)')} AS on,
             d.objsubid, d.deptype
        FROM part AS p JOIN pg_depend AS d ON d.classid = p.class AND d.objid = p.object
       ORDER BY 1, 2, 3, 4`,
    registry: `
      SELECT aggregate, target::text, column_name, kind, a.relation::text, groups, t.relation::text AS made
        FROM dasy.aggregates AS a CROSS JOIN dasy.tables AS t`,
  }
  const found: Record<string, unknown[]> = {}
  for (const [what, query] of Object.entries(queries)) found[what] = await db.rows(query)
  return found
}
