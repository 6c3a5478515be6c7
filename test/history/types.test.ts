import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { migrate } from '../../lib/db/migrations.js'
import { ident, number, query, sql } from '../../lib/db/sql.js'
import { storedColumns, typedValue, withTextSettings } from '../../lib/history/value-text.js'
import { selectChanges, writeChanges } from '../../lib/history/write.js'
import { testDatabase } from '../support/database.js'
import { TYPES, USER_TYPES } from '../support/types.js'

// Defaults of the database that decide how values are written and read.
const SETTINGS = [
  "TimeZone = 'Asia/Kolkata'",
  "IntervalStyle = 'sql_standard'",
  "DateStyle = 'SQL, DMY'",
  "xmloption = 'document'",
]

t.test('a value of any type comes back exactly as it was', async (t) => {
  const db = await testDatabase(t)
  for (const setting of SETTINGS) await db.run(`ALTER DATABASE ${db.name} SET ${setting}`)
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  await migrate(session)
  await db.run(USER_TYPES)
  for (const [index, [type, values]] of TYPES.entries()) {
    const table = `typed_${index}`
    await db.run(`CREATE TABLE ${table} (id integer PRIMARY KEY, value ${type}, "other ""one" ${type})`)
    for (const [id, value] of [...values, 'NULL'].entries())
      await db.run(`INSERT INTO ${table} VALUES (${id}, ${value}, NULL)`)
    const oid = await db.value<number>('SELECT $1::regclass::oid::integer', [table])
    const different = await session.transaction(async () =>
      withTextSettings(session, async () => {
        const [id, value, other] = await storedColumns(session, oid)
        if (!id || !value || !other) throw new Error('a column is missing')
        const column = (name: string) => sql`t.${ident(name)}`
        const rows = {
          from: sql`public.${ident(table)} AS t`,
          op: sql`'u'`,
          position: sql`NULL::bigint`,
          was: sql`t.xmin`,
          key: [{ column: id, value: column('id') }],
          columns: [
            { column: value, old: column('value'), new: column(other.name) },
            { column: other, old: column(other.name), new: column('value') },
          ],
        }
        await writeChanges(session, index + 1, rows, 10)
        return await session.rows<{ id: number; text: string }>(query`
          SELECT t.id, c.old[1] AS text
            FROM public.${ident(table)} AS t
            LEFT JOIN dasy.changes AS c ON c.run = ${number(index + 1)} AND c.key = ARRAY[t.id::text]
           WHERE NOT pg_catalog.record_image_eq(
                   ROW(t.value),
                   ROW(${typedValue(value, sql`c.old[1]`)}))
              OR c.old[1] IS DISTINCT FROM c.new[2]`)
      }),
    )
    t.same(different, [], type)
    const stored = await db.value('SELECT count(*) FROM dasy.changes WHERE run = $1', [index + 1])
    t.equal(stored, values.length, `${type}: NULL to NULL is no change`)
  }
  await session.transaction(async () => {
    await withTextSettings(session, async () => {})
    const own = await session.row(
      `SELECT current_setting('IntervalStyle') AS style, current_setting('TimeZone') AS zone`,
    )
    t.same(
      own,
      { style: 'sql_standard', zone: 'Asia/Kolkata' },
      'afterwards the session has its own settings',
    )
  })
})

t.test('text is written as COPY writes it', async (t) => {
  const db = await testDatabase(t)
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  await migrate(session)
  await db.run(`CREATE TABLE shown (id int PRIMARY KEY, a boolean, b inet, c timestamptz, d float8, e bytea)`)
  await db.run(`INSERT INTO shown VALUES (1, true, '1.2.3.4', '2026-01-01 00:00+01', 0.1::float8 + 0.2, 'x')`)
  const oid = await db.value<number>(`SELECT 'shown'::regclass::oid::integer`)
  const [row] = await session.transaction(() =>
    withTextSettings(session, async () => {
      const [id, ...others] = await storedColumns(session, oid)
      if (!id) throw new Error('no column')
      const value = (name: string) => sql`t.${ident(name)}`
      const rows = {
        from: sql`public.shown AS t`,
        op: sql`'i'`,
        position: sql`7::bigint`,
        was: sql`NULL::xid`,
        key: [{ column: id, value: value('id') }],
        columns: others.map((column) => ({ column, old: sql`NULL`, new: value(column.name) })),
      }
      return await session.rows<{ new: string[] }>(selectChanges(1, rows).sql)
    }),
  )
  t.same(row?.new, ['t', '1.2.3.4', '2025-12-31 23:00:00+00', '0.30000000000000004', '\\x78'])
})
