import t, { type Test } from 'tap'
import { aggregate, ingest, migrateUp, purge, undo } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { TYPES, USER_TYPES } from '../support/types.js'

/** Undo restores values of every type to the bit, whatever the settings of the database are. */

const SETTINGS = [
  "TimeZone = 'Asia/Kolkata'",
  "IntervalStyle = 'sql_standard'",
  "DateStyle = 'SQL, DMY'",
  "xmloption = 'content'",
  "bytea_output = 'escape'",
  'extra_float_digits = -3',
]

const ROWS = 9

/** The value of a column in a row, as SQL: each type's values in turn, then NULL. */
function valueIn(column: number, row: number): string {
  const values = [...(TYPES[column]?.[1] ?? []), 'NULL']
  return values[row % values.length] as string
}

const COLUMNS = TYPES.map((_, index) => `c${index}`)

/** The rows with these numbers; `shift`: which of the values they have. */
function rowsOf(ids: readonly number[], shift: number): string {
  return ids
    .map((id) => `(${[id, ...TYPES.map((_, column) => valueIn(column, id + shift))].join(', ')})`)
    .join(', ')
}

/** What the file has: values as the database shows them, with settings that lose nothing. */
async function csvOf(db: TestDatabase, table: string): Promise<string> {
  const columns = ['id', ...COLUMNS]
  await db.run(`SET extra_float_digits = 1`)
  const [rows] = [
    await db.rows<Record<string, string | null>>(
      `SELECT ${columns.map((name) => `${name}::text`).join(', ')} FROM ${table} ORDER BY id`,
    ),
  ]
  const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
  // An explicit cast, as loads have it, does not read the - that regclass writes.
  const read = (value: string | null) => (value === '-' ? 'pg_type' : value)
  const lines = rows.map((row) => columns.map((name) => field(read(row[name] ?? null))).join(','))
  return `${columns.join(',')}\n${lines.join('\n')}\n`
}

async function differences(db: TestDatabase, table: string): Promise<unknown[]> {
  return db.rows(
    `SELECT coalesce(a.id, b.id) AS id FROM typed AS a FULL JOIN ${table} AS b USING (id)
      WHERE a.id IS NULL OR b.id IS NULL OR NOT record_image_eq(a, b) OR a::text IS DISTINCT FROM b::text`,
  )
}

t.test('every type', async (t: Test) => {
  const db = await testDatabase(t)
  for (const setting of SETTINGS) await db.run(`ALTER DATABASE ${db.name} SET ${setting}`)
  await migrateUp({ databaseUrl: db.url })
  await db.run(USER_TYPES)
  const columns = TYPES.map(([type], index) => `c${index} ${type}`).join(', ')
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)
  await db.run(`CREATE TABLE typed (id integer PRIMARY KEY, ${columns})`)
  await db.run(`INSERT INTO typed VALUES ${rowsOf(ids(0, ROWS), 0)}`)
  const to = { databaseUrl: db.url }
  for (const [index, [type]] of TYPES.entries()) {
    if (!['text', 'citext', 'numeric', 'double precision', 'mood', 'bytea'].includes(type)) continue
    await aggregate('typed', `c${index}`, to)
  }
  const aggregates = (
    await db.rows<{ name: string }>(`SELECT relation::text AS name FROM dasy.aggregates`)
  ).map(({ name }) => name)
  const groups = async () => {
    const all: unknown[] = []
    for (const name of aggregates) all.push(await db.rows(`SELECT a::text FROM ${name} AS a ORDER BY 1`))
    return all
  }

  await db.run('CREATE TABLE before AS SELECT * FROM typed')
  const groupsBefore = await groups()
  await db.run(`CREATE TABLE changed AS SELECT * FROM typed; TRUNCATE changed;
                INSERT INTO changed VALUES ${rowsOf(ids(2, ROWS), 1)}`)
  const load = { ...to, table: 'typed', key: 'id' }
  const loaded = await ingest(file(t, await csvOf(db, 'changed')), load)
  t.match(loaded.rows, { inserted: 2, updated: ROWS - 2 })
  await db.run('CREATE TABLE after AS SELECT * FROM typed')
  const groupsAfter = await groups()
  const purged = await purge('typed', { ...to, where: 'id % 2 = 0' })
  t.ok(purged.rows.deleted > 0)

  await undo(purged.run, to)
  t.same(await differences(db, 'after'), [], 'the purge is taken back')
  t.same(await groups(), groupsAfter)
  const taken = await undo(loaded.run, to)
  t.match(taken.rows, { deleted: 2, updated: ROWS - 2, skipped: 0 })
  t.same(await differences(db, 'before'), [], 'the load is taken back')
  t.same(await groups(), groupsBefore)
  const again = await undo(taken.run, to)
  t.same(await differences(db, 'after'), [], 'the undo is taken back')
  t.same(await groups(), groupsAfter)
  await undo(again.run, to)
  t.same(await differences(db, 'before'), [])
})

t.test('keys of many types', async (t) => {
  const db = await testDatabase(t)
  for (const setting of SETTINGS) await db.run(`ALTER DATABASE ${db.name} SET ${setting}`)
  await migrateUp({ databaseUrl: db.url })
  await db.run(USER_TYPES)
  const types = [
    'char(5)',
    'citext',
    'numeric',
    'real',
    'bytea',
    'timestamp with time zone',
    'interval',
    'inet',
    'mood',
    'int4range',
    'integer[]',
    'uuid',
    'pair',
  ]
  const to = { databaseUrl: db.url }
  for (const [index, type] of types.entries()) {
    const values = TYPES.find(([name]) => name === type)?.[1] ?? []
    const table = `keyed_${index}`
    await db.run(`CREATE TABLE ${table} (k ${type} PRIMARY KEY, v text);
                  INSERT INTO ${table} VALUES (${values[0]}, 'old') ON CONFLICT DO NOTHING;
                  CREATE TABLE before_${index} AS SELECT * FROM ${table};`)
    const purged = await purge(table, to)
    t.match(purged.rows, { deleted: 1 }, type)
    // Its last value is equal to the first.
    if (type !== 'citext') await db.run(`INSERT INTO ${table} VALUES (${values.at(-1)}, 'foreign')`)
    await undo(purged.run, to)
    await db.run(`DELETE FROM ${table} WHERE v = 'foreign'`)
    const rows = await db.rows(
      `SELECT FROM ${table} AS a FULL JOIN before_${index} AS b ON a.v = b.v WHERE record_image_eq(a, b) IS NOT TRUE`,
    )
    t.same(rows, [], type)
  }
})
