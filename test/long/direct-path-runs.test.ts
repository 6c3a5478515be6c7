import t from 'tap'
import { blame, changes, ingest, migrateUp, resume, undo, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { isDirect, keyOf, manyProducts, product, usualPath } from '../support/direct-path.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded } from '../support/oracle.js'

/** Runs on the direct path, and whether they take it: into the table of `migrate up`, after a stop, with their history. */

const LOAD = { workers: 2, rangeSize: 300_000 }

async function all<Each>(found: AsyncIterable<Each>): Promise<Each[]> {
  const list: Each[] = []
  for await (const each of found) list.push(each)
  return list
}

t.test('the table that "migrate up" made', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, manyProducts())
  await migrateUp({ databaseUrl: db.url })
  await ingest(path, { databaseUrl: db.url, ...LOAD })
  t.ok(await isDirect(db))
  await assertProductsLoaded(t, db, path)
  await assertNothingLeft(t, db)
})

/** What makes a load take the usual path: it could be told from the direct one. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'a publication': 'CREATE PUBLICATION everything FOR ALL TABLES',
  'an event trigger': `CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                       CREATE EVENT TRIGGER looks ON ddl_command_end EXECUTE FUNCTION look()`,
  'default privileges': 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
  'the name of the key': 'CREATE TABLE other (id integer CONSTRAINT products_pkey PRIMARY KEY)',
}

for (const [what, statements] of Object.entries(OTHERWISE)) {
  t.test(`the usual path is taken because of ${what}`, async (t) => {
    const db = await testDatabase(t)
    const path = file(t, manyProducts())
    await db.run(statements)
    await ingest(path, { databaseUrl: db.url, ...LOAD })
    t.notOk(await isDirect(db))
    await assertProductsLoaded(t, db, path)
  })
}

/** Bad records of a run that stops. If others lose to one of them, the run cannot know whether these were staged. */
const BAD = {
  'with keys of their own': (index: number) => (index % 3001 === 20 ? `only,bad-${index}` : undefined),
  'to which others lose': (index: number) => (index % 3003 === 10 ? `only,${keyOf(index)}` : undefined),
}

for (const [what, bad] of Object.entries(BAD))
  t.test(`a run that stopped, with bad records ${what}, goes on`, async (t) => {
    const db = await testDatabase(t)
    const path = file(t, manyProducts(bad))
    const stop = new AbortController()
    let staged = 0
    const error = await failure(
      t,
      ingest(path, {
        databaseUrl: db.url,
        ...LOAD,
        rangeSize: 100_000,
        maxRejects: 100,
        signal: stop.signal,
        onEvent: ({ type }) => {
          if (type === 'progress') staged += 1
          if (staged === 20) stop.abort()
        },
      }),
    )
    t.match(error, { code: 'INTERRUPTED' })
    const before = await db.rows('SELECT source, start_byte, xmin::text FROM dasy.ranges ORDER BY 2')
    t.ok(before.length >= 20)
    const notes: { type: string }[] = []
    // By other ranges: those that are staged stay as they are.
    const { rows } = await resume(1, {
      databaseUrl: db.url,
      workers: 1,
      rangeSize: 250_000,
      onEvent: (event) => notes.push(event),
    })
    const resumed = notes.find(({ type }) => type === 'resumed') as { bytes: number } | undefined
    t.ok(resumed && resumed.bytes >= 1_900_000)
    t.equal(await isDirect(db), bad === BAD['with keys of their own'])
    const usual = await testDatabase(t)
    const expected = await ingest(path, { databaseUrl: usual.url, ...LOAD, maxRejects: 100, ...usualPath(t) })
    t.same(rows, expected.rows)
    const digest = `SELECT md5(string_agg(p::text, E'\\n' ORDER BY sku)) FROM products AS p`
    t.equal(await db.value(digest), await usual.value(digest))
    await assertNothingLeft(t, db)
  })

t.test('its history: changes, blame, and undo after an update', async (t) => {
  const direct = await testDatabase(t)
  const usual = await testDatabase(t)
  const path = file(t, manyProducts())
  const some = Array.from({ length: 500 }, (_, index) => product(index + 1, `sku-${index * 11}`))
  const change = file(t, `name,sku,description\n${some.join('\n')}\n`, 'change.csv')
  const facts = async (db: TestDatabase, more: object): Promise<object> => {
    const options = { databaseUrl: db.url }
    await ingest(path, { ...options, ...LOAD, ...more })
    const of = (run: number) => all(changes(run, options))
    const first = await of(1)
    await update(change, options)
    const [loaded, changed] = [await of(1), await of(2)]
    const blamed = async (sku: string) =>
      (await all(blame('products', sku, options))).map((each) => ({ ...each, time: 0 }))
    const asked = [await blamed('sku-1'), await blamed('sku-11')]
    const undone = (await undo(2, options)).rows
    const taken = (await undo(1, options)).rows
    return {
      first,
      loaded,
      changed,
      asked,
      undone,
      taken,
      left: await db.value('SELECT count(*) FROM products'),
    }
  }
  const found = await facts(direct, {})
  t.same(found, await facts(usual, usualPath(t)))
  await assertNothingLeft(t, direct)
})
