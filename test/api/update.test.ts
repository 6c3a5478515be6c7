import t, { type Test } from 'tap'
import type { LoadOptions, Receipt } from '../../lib/index.js'
import { ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { rowVersions } from '../support/rows.js'

const HEADER = 'sku,name,description\n'
const CATALOGUE = `${HEADER}1,one,first\n2,two,second\n3,,third\n4,four,\n5,"",""\n`

/** A products table with five rows, made by dasy. */
async function catalogue(t: Test, key = 'sku'): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await ingest(file(t, CATALOGUE), { databaseUrl: db.url, key, maxRejects: key === 'sku' ? 0 : 2 })
  return db
}

/** A row with its values alone, as the tests write them. */
const product = (sku: string, name: string | null, description: string | null) => ({ sku, name, description })

async function assertProducts(t: Test, db: TestDatabase, expected: object[], message: string): Promise<void> {
  t.same(await db.rows('SELECT sku, name, description FROM products ORDER BY sku, name'), expected, message)
  await compareTables(t, db, 'products_agg', countsOf('products'), `${message}: the aggregate counts them`)
}

/** The receipt's rows, with 0 for whatever is not named. */
function assertRows(t: Test, receipt: Receipt, expected: Partial<Receipt['rows']>): void {
  const none = { rejected: 0, duplicates: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, deleted: 0 }
  t.same(receipt.rows, { ...none, ...expected }, 'the receipt counts what happened')
}

/** That a call fails with this error and that neither rows nor aggregate were touched. */
async function assertRefused(
  t: Test,
  db: TestDatabase,
  call: () => Promise<unknown>,
  expected: object,
  tables = ['products', 'products_agg'],
) {
  const state = async () => Promise.all(tables.map((table) => rowVersions(db, table)))
  const before = await state()
  const error = await failure(t, call())
  t.match(error, expected)
  t.same(await state(), before, 'the table is as it was')
  return error
}

t.test('columns that the file lacks stay as they are', async (t) => {
  const db = await catalogue(t)
  const receipt = await update(file(t, 'name,sku\nONE,1\ntwo,2\nnew,6\n'), { databaseUrl: db.url })
  assertRows(t, receipt, { read: 3, inserted: 1, updated: 1, unchanged: 1 })
  t.equal(receipt.command, 'update')
  await assertProducts(
    t,
    db,
    [
      product('1', 'ONE', 'first'),
      product('2', 'two', 'second'),
      product('3', null, 'third'),
      product('4', 'four', null),
      product('5', '', ''),
      product('6', 'new', null),
    ],
    'names are updated, descriptions kept',
  )
  const keys = await update(file(t, 'sku\n1\n7\n'), { databaseUrl: db.url })
  assertRows(t, keys, { read: 2, inserted: 1, unchanged: 1 })
  t.same(await db.rows(`SELECT name FROM products WHERE sku = '1'`), [{ name: 'ONE' }])
  t.equal(
    await db.value('SELECT no_of_products FROM products_agg WHERE name IS NULL'),
    2,
    'a new NULL is counted',
  )
  await assertNothingLeft(t, db)
})

t.test('only rows whose stored values change are written', async (t) => {
  const db = await catalogue(t)
  const before = await rowVersions(db, 'products')
  const receipt = await update(
    file(t, `${HEADER}1,one,first\n2,two,SECOND\n3,"",third\n4,four,""\n5,"",\n`),
    { databaseUrl: db.url },
  )
  assertRows(t, receipt, { read: 5, updated: 4, unchanged: 1 })
  await assertProducts(
    t,
    db,
    [
      product('1', 'one', 'first'),
      product('2', 'two', 'SECOND'),
      product('3', '', 'third'),
      product('4', 'four', ''),
      product('5', '', null),
    ],
    'NULL and the empty string are two values',
  )
  t.same((await rowVersions(db, 'products'))[0], before[0], 'the unchanged row is where it was')

  const again = await update(file(t, `${HEADER}5,"",\n3,"",third\n4,four,""\n`), { databaseUrl: db.url })
  assertRows(t, again, { read: 3, unchanged: 3 })
})

t.test('with existingOnly unknown keys are skipped', async (t) => {
  const db = await catalogue(t)
  const source = file(t, `${HEADER}1,one,FIRST\n2,two,second\n8,eight,\n9,nine,\n`)
  const receipt = await update(source, { databaseUrl: db.url, existingOnly: true })
  assertRows(t, receipt, { read: 4, updated: 1, unchanged: 1, skipped: 2 })
  t.equal(await db.value('SELECT count(*) FROM products'), 5)
  t.equal(await db.value(`SELECT description FROM products WHERE sku = '1'`), 'FIRST')
  await compareTables(t, db, 'products_agg', countsOf('products'))

  await db.run('TRUNCATE products')
  const nothing = await update(source, { databaseUrl: db.url, existingOnly: true })
  assertRows(t, nothing, { read: 4, skipped: 4 })
  t.equal(await db.value('SELECT count(*) FROM products'), 0, 'in an empty table every key is unknown')
  t.equal(
    await db.value(`SELECT pg_get_constraintdef(oid) FROM pg_constraint
                     WHERE conrelid = 'products'::regclass AND contype = 'p'`),
    'PRIMARY KEY (sku)',
  )
})

t.test('with onConflict skip existing keys stay as they are, and are counted', async (t) => {
  const db = await catalogue(t)
  const before = await rowVersions(db, 'products')
  const source = file(t, `${HEADER}1,ONE,FIRST\n2,two,second\n6,six,\n`)
  const receipt = await ingest(source, { databaseUrl: db.url, onConflict: 'skip' })
  assertRows(t, receipt, { read: 3, inserted: 1, skipped: 2 })
  t.same((await rowVersions(db, 'products')).slice(0, 5), before, 'no existing row is written')
  await compareTables(t, db, 'products_agg', countsOf('products'))

  const both = await update(file(t, `${HEADER}1,ONE,FIRST\n7,seven,\n`), {
    databaseUrl: db.url,
    onConflict: 'skip',
    existingOnly: true,
  })
  assertRows(t, both, { read: 2, skipped: 2 })
  t.equal(await db.value('SELECT count(*) FROM products'), 6)
})

t.test('with onConflict error the first existing key ends the run', async (t) => {
  const db = await catalogue(t)
  const source = file(t, `${HEADER}7,"two\nlines",\n6,six,\n2,two,second\n1,one,first\n`)
  const call = () => ingest(source, { databaseUrl: db.url, onConflict: 'error', rangeSize: 1, workers: 2 })
  const error = await assertRefused(t, db, call, { code: 'KEY_EXISTS', exitStatus: 1, details: { line: 5 } })
  t.match(error.message, /line 5 \(byte \d+\)/)
  t.equal(error.details.byte, HEADER.length + '7,"two\nlines",\n6,six,\n'.length)

  const fresh = await ingest(file(t, `${HEADER}7,seven,\n`), { databaseUrl: db.url, onConflict: 'error' })
  assertRows(t, fresh, { read: 1, inserted: 1 })
  await assertNothingLeft(t, db)
})

t.test('the first or the last record of a repeated key counts, as it is asked for', async (t) => {
  const db = await catalogue(t)
  const source = file(t, `${HEADER}1,a,\n6,a,\n1,b,\n6,b,\n1,c,\n`)
  const name = (sku: string) => db.value('SELECT name FROM products WHERE sku = $1', [sku])
  for (const [duplicates, expected] of [
    ['first', ['a', 'a']],
    ['last', ['c', 'b']],
  ] as const) {
    const receipt = await update(source, { databaseUrl: db.url, duplicates, rangeSize: 1, workers: 3 })
    t.match(receipt.rows, { read: 5, duplicates: 3 })
    t.same([await name('1'), await name('6')], expected, duplicates)
    await compareTables(t, db, 'products_agg', countsOf('products'))
  }
})

t.test('with duplicates error a repeated key ends the run and both lines are named', async (t) => {
  const db = await catalogue(t)
  const content = `${HEADER}8,"on two\nlines",\n6,six,\n7,seven,\n6,six again,\n8,last,\n`
  for (const options of [{}, { rangeSize: 1, workers: 3 }]) {
    const call = () => ingest(file(t, content), { databaseUrl: db.url, duplicates: 'error', ...options })
    const error = await assertRefused(t, db, call, {
      code: 'DUPLICATE_KEY',
      exitStatus: 1,
      details: { line: 6, firstLine: 4, byte: content.indexOf('6,six again') },
    })
    t.match(error.message, /line 6 .*line 4/s)
  }
  const two = [file(t, `${HEADER}8,eight,\n`), file(t, `${HEADER}8,last,\n`)]
  const call = () => ingest(two, { databaseUrl: db.url, duplicates: 'error' })
  const { message } = await assertRefused(t, db, call, {
    code: 'DUPLICATE_KEY',
    details: { firstFile: two[0] },
  })
  t.ok(message.endsWith(`is on line 2 of ${two[0]} already`), message)
  const unique = await ingest(file(t, `${HEADER}8,eight,\n9,nine,\n`), {
    databaseUrl: db.url,
    duplicates: 'error',
  })
  assertRows(t, unique, { read: 2, inserted: 2 })
  await assertNothingLeft(t, db)
})

t.test('records are judged in order: rejects, duplicates, unknown keys, existing keys', async (t) => {
  const db = await catalogue(t)
  const records = [
    '1,one', // too few fields
    '1,ONE,FIRST', // loses to the next one
    '1,ONE,LAST', // existing
    '8,eight,', // loses to the next one
    '8,eight,last', // unknown
    ',no key,',
  ]
  const options: LoadOptions = { databaseUrl: db.url, existingOnly: true, maxRejects: 2 }
  const receipt = await update(file(t, `${HEADER}${records.join('\n')}`), options)
  assertRows(t, receipt, { read: 6, rejected: 2, duplicates: 2, updated: 1, skipped: 1 })
  const skipping = await update(file(t, `${HEADER}${records.join('\n')}`), { ...options, onConflict: 'skip' })
  assertRows(t, skipping, { read: 6, rejected: 2, duplicates: 2, skipped: 2 })
  t.equal(await db.value(`SELECT description FROM products WHERE sku = '1'`), 'LAST')
})

t.test('update makes neither tables nor columns', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, CATALOGUE)
  t.match(await failure(t, update(source, { databaseUrl: db.url })), {
    code: 'TABLE_NOT_FOUND',
    exitStatus: 1,
    details: { table: 'products' },
  })
  t.equal(await db.value(`SELECT to_regclass('public.products')`), null)

  await ingest(source, { databaseUrl: db.url })
  const wider = file(t, 'sku,name,colour\n1,one,red\n')
  const call = () => update(wider, { databaseUrl: db.url })
  await assertRefused(t, db, call, { code: 'COLUMN_UNKNOWN', exitStatus: 1, details: { column: 'colour' } })
  await assertNothingLeft(t, db)
})

t.test('ingest adds columns to a table that dasy made', async (t) => {
  const db = await catalogue(t)
  const receipt = await ingest(file(t, 'sku,Unit Price,colour\n1,1.50,red\n9,,blue\n'), {
    databaseUrl: db.url,
  })
  assertRows(t, receipt, { read: 2, inserted: 1, updated: 1 })
  t.same(await db.rows(`SELECT * FROM products WHERE sku IN ('1', '2', '9') ORDER BY sku`), [
    { ...product('1', 'one', 'first'), 'Unit Price': '1.50', colour: 'red' },
    { ...product('2', 'two', 'second'), 'Unit Price': null, colour: null },
    { ...product('9', null, null), 'Unit Price': null, colour: 'blue' },
  ])
})

t.test('a table that somebody else made gets columns only when it is asked for', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE stock (sku text PRIMARY KEY, place text); INSERT INTO stock VALUES ('1', 'A')`)
  const source = file(t, 'sku,colour\n1,red\n2,blue\n')
  const options = { databaseUrl: db.url, table: 'stock' }
  const unknown = { code: 'COLUMN_UNKNOWN', exitStatus: 1 }
  await assertRefused(t, db, () => ingest(source, options), unknown, ['stock'])
  const receipt = await ingest(source, { ...options, addColumns: true })
  assertRows(t, receipt, { read: 2, inserted: 1, updated: 1 })
  t.same(await db.rows('SELECT * FROM stock ORDER BY sku'), [
    { sku: '1', place: 'A', colour: 'red' },
    { sku: '2', place: null, colour: 'blue' },
  ])
  await assertNothingLeft(t, db, { tables: ['stock'] })
})

t.test('a table with another key is refused, and the error says which key it has', async (t) => {
  const db = await catalogue(t)
  const source = file(t, CATALOGUE)
  const call = () => ingest(source, { databaseUrl: db.url, key: 'sku,name', maxRejects: 9 })
  const error = await assertRefused(t, db, call, { code: 'KEY_MISMATCH', exitStatus: 1 })
  t.match(error.message, /\(sku\)/)
  t.ok(error.hint, 'and what to do')

  await db.run(`CREATE TABLE loose (sku text, name text, description text)`)
  const loose = () => ingest(source, { databaseUrl: db.url, table: 'loose' })
  await assertRefused(t, db, loose, { code: 'KEY_MISMATCH', exitStatus: 1 }, ['loose'])
  await db.run('CREATE UNIQUE INDEX ON loose (sku)')
  assertRows(t, await loose(), { read: 5, inserted: 5 })
})

t.test('a composite key is one key', async (t) => {
  const db = await catalogue(t, 'sku,name')
  t.equal(await db.value('SELECT count(*) FROM products'), 3, 'records with a missing part were rejected')
  const source = file(t, `${HEADER}1,one,FIRST\n1,other,new\n2,two,second\n2,two,SECOND\n`)
  const receipt = await update(source, { databaseUrl: db.url, key: ['name', 'sku'] })
  assertRows(t, receipt, { read: 4, duplicates: 1, inserted: 1, updated: 2 })
  await assertProducts(
    t,
    db,
    [
      product('1', 'one', 'FIRST'),
      product('1', 'other', 'new'),
      product('2', 'two', 'SECOND'),
      product('4', 'four', null),
    ],
    'by both columns, in whatever order they are named',
  )
  const mismatch = () => update(source, { databaseUrl: db.url })
  await assertRefused(t, db, mismatch, { code: 'KEY_MISMATCH', exitStatus: 1 })
})

t.test('typed columns of an existing table compare by value, not by spelling', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE prices (id integer PRIMARY KEY, price numeric(10, 2), since date);
                INSERT INTO prices VALUES (1, 1.5, '2024-01-31'), (2, 2, NULL)`)
  const options = { databaseUrl: db.url, table: 'prices', key: 'id' }
  const source = file(t, 'id,price,since\n01,1.50,2024-01-31\n2,2.0,2024-02-29\n1,1.5,20240131\n3,,\n')
  assertRows(t, await update(source, options), {
    read: 4,
    duplicates: 1,
    inserted: 1,
    updated: 1,
    unchanged: 1,
  })
  t.same(await db.rows('SELECT id, price::text, since::text FROM prices ORDER BY id'), [
    { id: 1, price: '1.50', since: '2024-01-31' },
    { id: 2, price: '2.00', since: '2024-02-29' },
    { id: 3, price: null, since: null },
  ])
  const bad = file(t, 'id,price\n1,cheap\n4,4\n')
  await assertRefused(t, db, () => update(bad, options), { code: 'TOO_MANY_REJECTS', exitStatus: 3 }, [
    'prices',
  ])
  await assertNothingLeft(t, db, { tables: ['prices'], stopped: 1 })
})

t.test('the receipt balances, and its seconds add up', async (t) => {
  const db = await catalogue(t)
  const source = file(t, `${HEADER}1,one,first\n1,one,FIRST\n2,two,second\n,x,\n9,nine,\n`)
  const receipt = await ingest(source, { databaseUrl: db.url, maxRejects: 1 })
  assertRows(t, receipt, { read: 5, rejected: 1, duplicates: 1, inserted: 1, updated: 1, unchanged: 1 })
  const { total, ...parts } = receipt.seconds as Record<string, number>
  const sum = Object.values(parts).reduce((one, other) => one + other, 0)
  t.same(Object.keys(parts), ['start', 'plan', 'copy', 'merge', 'aggregate'])
  t.equal(parts.start, 0, 'the process is there for more than this load')
  t.ok(Math.abs(sum - Number(total)) < 1e-9, `${sum} = ${total}`)
  t.ok(Number(total) > 0)
  t.ok(
    Object.values(parts).every((part) => part >= 0),
    'none is negative',
  )
  const [kept] = await db.rows(
    `SELECT rows, aggregates, outcome, state FROM dasy.runs ORDER BY run DESC LIMIT 1`,
  )
  t.match(kept, { rows: receipt.rows, aggregates: receipt.aggregates, outcome: 'completed', state: 'ended' })
})

t.test('a table that others inherit from', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE parent (sku text PRIMARY KEY, name text);
    CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent VALUES ('1', 'one'), ('2', 'two');
    INSERT INTO child VALUES ('3', 'three'), ('4', 'four')`)
  const receipt = await update(file(t, 'sku,name\n1,ONE\n4,FOUR\n5,five\n'), {
    databaseUrl: db.url,
    table: 'parent',
  })
  assertRows(t, receipt, { read: 3, inserted: 1, updated: 2 })
  t.same(await db.rows('SELECT tableoid::regclass::text AS held, sku, name FROM parent ORDER BY sku'), [
    { held: 'parent', sku: '1', name: 'ONE' },
    { held: 'parent', sku: '2', name: 'two' },
    { held: 'child', sku: '3', name: 'three' },
    { held: 'child', sku: '4', name: 'FOUR' },
    { held: 'parent', sku: '5', name: 'five' },
  ])
})

t.test('a table whose row triggers move rows', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE things (sku text PRIMARY KEY, name text);
    INSERT INTO things SELECT n::text, 'old' FROM generate_series(1, 5) AS n;
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE things SET name = name || '!' WHERE sku = '5' AND NEW.sku <> '5';
      RETURN NEW;
    END $$;
    CREATE TRIGGER touch BEFORE UPDATE OR INSERT ON things FOR EACH ROW EXECUTE FUNCTION touch()`)
  const path = file(t, 'sku,name\n1,new\n2,new\n6,new\n')
  const receipt = await update(path, { databaseUrl: db.url, table: 'things' })
  assertRows(t, receipt, { read: 3, inserted: 1, updated: 2 })
  t.same(await db.value(`SELECT name FROM things WHERE sku = '5'`), 'old!!!')
  t.equal(await db.value(`SELECT count(*) FROM things WHERE name = 'new'`), 3)
})
