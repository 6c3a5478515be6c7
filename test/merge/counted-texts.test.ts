import t from 'tap'
import { aggregate, ingest, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** An update moves the counts of a text column, whichever type of text and collation it has. */

const IGNORES_CASE = `CREATE COLLATION ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`

for (const type of [
  'text',
  'varchar',
  'varchar(9)',
  'char(5)',
  'name',
  'text COLLATE "C"',
  'text COLLATE ignoring',
  'varchar COLLATE ignoring',
  'label',
]) {
  t.test(type, async (t) => {
    const db = await testDatabase(t)
    await db.run(`${IGNORES_CASE}; CREATE DOMAIN label AS varchar`)
    await db.run(`CREATE TABLE counted (sku text PRIMARY KEY, kind ${type}, note text)`)
    const options = { databaseUrl: db.url, table: 'counted' }
    await ingest(file(t, 'sku,kind,note\n1,one,a\n2,one,a\n3,two,a\n4,,a\n'), options)
    await aggregate('counted', 'kind', { databaseUrl: db.url })
    for (const [records, updated] of [
      ['1,one,b\n', 1],
      ['1,two,b\n2,ONE,a\n3,two,c\n', 3],
      ['2,,a\n4,new,a\n5,new,a\n', 2],
    ] as const) {
      const { rows } = await update(file(t, `sku,kind,note\n${records}`), options)
      if (!type.endsWith('ignoring')) t.equal(rows.updated, updated)
      t.same(
        await db.rows(
          'SELECT kind::text COLLATE "C" AS kind, no_of_counted::int AS count FROM counted_agg_kind ORDER BY lower(kind::text), 2',
        ),
        await db.rows(
          'SELECT min(kind::text COLLATE "C") AS kind, count(*)::int FROM counted GROUP BY kind ORDER BY lower(min(kind::text)), 2',
        ),
      )
    }
  })
}
