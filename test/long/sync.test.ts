import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { changedKeys } from '../support/change-set.js'
import { ingest, resume, runs, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** --sync: what the file does not have is deleted, in the same transaction. */

const row = (n: number): string => `s${n},name ${n % 3}`
const csv = (records: readonly string[]): string => `sku,name\n${records.map((each) => `${each}\n`).join('')}`
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A table with s1 to s20. */
async function twenty(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await ingest(file(t, csv(numbers(1, 20).map(row))), { databaseUrl: db.url })
  return db
}

const keys = async (db: TestDatabase, table = 'products'): Promise<string[]> =>
  (await db.rows<{ sku: string }>(`SELECT sku FROM ${table} ORDER BY length(sku), sku`)).map(({ sku }) => sku)

t.test('the table becomes what the file says', async (t) => {
  const db = await twenty(t)
  const records = [...numbers(3, 20).map(row), 's5,other', 's30,new', 's31,name 1']
  const path = file(t, csv(records))
  const receipt = await ingest(path, { sync: true, databaseUrl: db.url })
  t.match(receipt.rows, { read: 21, duplicates: 1, inserted: 2, updated: 1, unchanged: 17, deleted: 2 })
  const expected = records.filter((each) => each !== row(5)).map((each) => `('${each.replace(',', "','")}')`)
  await compareTables(
    t,
    db,
    'products',
    `SELECT sku, name, NULL::text AS description FROM (VALUES ${expected.join()}) AS f (sku, name)`,
  )
  await compareTables(t, db, 'products_agg', countsOf('products'))
  const set = await changedKeys(db, receipt.run)
  t.same(set, ['delete s1', 'delete s2', 'insert s30', 'insert s31', 'update s5'])
  const again = await update(path, { sync: true, databaseUrl: db.url })
  t.match(again.rows, { inserted: 0, updated: 0, deleted: 0, unchanged: 20 })
  t.equal(
    (await update(file(t, csv([...numbers(3, 20).map(row), 's30,new'])), { databaseUrl: db.url })).rows
      .deleted,
    0,
  )
})

t.test('only rows for which the condition holds are deleted', async (t) => {
  const db = await twenty(t)
  await db.run(`UPDATE products SET name = NULL WHERE sku = 's3'`)
  const path = file(t, csv([row(4), row(6)]))
  const options = { sync: true, maxDeletes: '100%', databaseUrl: db.url }
  const { rows } = await ingest(path, { ...options, syncWhere: "products.name = 'name 0'" })
  t.equal(rows.deleted, 4)
  t.same(
    await keys(db),
    numbers(1, 20)
      .filter((n) => n % 3 !== 0 || n === 3 || n === 6)
      .map((n) => `s${n}`),
  )
  for (const syncWhere of [
    's.c1 IS NULL',
    't.place IS NULL',
    'found_in IS NOT NULL',
    'k1 IS NULL',
    'sku',
    'true) OR (true',
  ]) {
    const { code, exitStatus } = await failure(t, ingest(path, { ...options, syncWhere }))
    t.same({ code, exitStatus }, { code: 'BAD_OPTION', exitStatus: 2 }, syncWhere)
  }
})

t.test('the limit is exact', async (t) => {
  const refusedOrDeleted = async (missing: number, options: Partial<LoadOptions>) => {
    const db = await twenty(t)
    const path = file(t, csv(numbers(missing + 1, 20).map(row)))
    const loaded = ingest(path, { sync: true, databaseUrl: db.url, ...options })
    return await loaded.then(
      ({ rows }) => rows.deleted,
      async ({ code, exitStatus }) => {
        t.equal(await db.value('SELECT count(*) FROM products'), 20, 'nothing was applied')
        return `${code} ${exitStatus}`
      },
    )
  }
  t.equal(await refusedOrDeleted(2, {}), 2, 'ten percent of twenty are two')
  t.equal(await refusedOrDeleted(3, {}), 'TOO_MANY_DELETES 3')
  t.equal(await refusedOrDeleted(3, { maxDeletes: 3 }), 3)
  t.equal(await refusedOrDeleted(3, { maxDeletes: '2' }), 'TOO_MANY_DELETES 3')
  t.equal(await refusedOrDeleted(1, { maxDeletes: 0 }), 'TOO_MANY_DELETES 3')
  t.equal(await refusedOrDeleted(1, { maxDeletes: '4.9%' }), 'TOO_MANY_DELETES 3')
  t.equal(await refusedOrDeleted(1, { maxDeletes: '5%' }), 1)
  // s3 and s6 of the six rows in scope.
  const scope = { syncWhere: "name = 'name 0'" }
  t.equal(await refusedOrDeleted(6, { ...scope, maxDeletes: '33%' }), 'TOO_MANY_DELETES 3')
  t.equal(await refusedOrDeleted(6, { ...scope, maxDeletes: '34%' }), 2)
})

t.test('a run with too many deletions is resumed with a higher limit', async (t) => {
  const db = await twenty(t)
  const path = file(t, csv(numbers(6, 21).map(row)))
  const refused = await failure(t, ingest(path, { sync: true, databaseUrl: db.url }))
  t.match(refused, {
    code: 'TOO_MANY_DELETES',
    message: '5 of 20 rows are not in the file and would be deleted, 10% are allowed; the table is as it was',
    hint: 'If that is right: dasy resume 2 --max-deletes 5',
    details: { run: 2, deleted: 5 },
  })
  t.match(await runs({ run: 2, databaseUrl: db.url }), [
    { status: 'rejected', error: { code: 'TOO_MANY_DELETES' } },
  ])
  const receipt = await resume(2, { maxDeletes: 5, databaseUrl: db.url })
  t.match(receipt.rows, { inserted: 1, deleted: 5, unchanged: 15 })
  await compareTables(t, db, 'products_agg', countsOf('products'))
  const other = await failure(t, ingest(file(t, 'sku,name\n"a'), { databaseUrl: db.url }))
  t.match(await failure(t, resume(other.details.run as number, { maxDeletes: 5, databaseUrl: db.url })), {
    code: 'BAD_OPTION',
  })
})

t.test('a file without a record deletes nothing', async (t) => {
  const db = await twenty(t)
  const options = { sync: true, databaseUrl: db.url }
  const [none, empty] = [file(t, 'sku,name\n'), file(t, '')]
  for (const maxDeletes of [undefined, 1000, '99.9%'])
    t.match(await failure(t, ingest(none, { ...options, maxDeletes })), {
      code: 'TOO_MANY_DELETES',
      exitStatus: 3,
      hint: /--max-deletes 100%/,
    })
  t.equal((await failure(t, ingest(empty, { ...options, maxDeletes: '100%' }))).code, 'EMPTY_FILE')
  t.equal(await db.value('SELECT count(*) FROM products'), 20)
  t.equal((await ingest(none, { ...options, maxDeletes: '100%' })).rows.deleted, 20)
  t.equal((await ingest(none, options)).rows.deleted, 0, 'there is nothing left to delete')
})

t.test('a rejected record may be one of the rows that seem to be missing', async (t) => {
  const db = await twenty(t)
  const path = file(t, `${csv(numbers(2, 20).map(row))}s1,too,many\n`)
  const refused = await failure(t, ingest(path, { sync: true, maxRejects: 1, databaseUrl: db.url }))
  t.match(refused, { code: 'SYNC_WITH_REJECTS', exitStatus: 3, details: { run: 2, rejected: 1 } })
  t.match(refused.hint, /dasy resume 2 --sync-despite-rejects/)
  t.equal(await db.value('SELECT count(*) FROM products'), 20)
  t.match(await runs({ run: 2, databaseUrl: db.url }), [{ status: 'rejected' }])
  const { rows } = await resume(2, { syncDespiteRejects: true, databaseUrl: db.url })
  t.match(rows, { read: 20, rejected: 1, deleted: 1, unchanged: 19 })

  // The table itself refuses a record.
  await db.run('ALTER TABLE products ADD CHECK (length(name) < 10)')
  const long = file(t, `${csv(numbers(3, 20).map(row))}s2,much too long\n`)
  const late = await failure(t, ingest(long, { sync: true, maxRejects: 1, databaseUrl: db.url }))
  t.equal(late.code, 'SYNC_WITH_REJECTS')
  t.equal(await db.value('SELECT count(*) FROM products'), 19)
  const despite = { sync: true, syncDespiteRejects: true, maxRejects: 1, databaseUrl: db.url }
  t.match((await ingest(long, despite)).rows, { rejected: 1, deleted: 1, unchanged: 18 })
})

/** Tables of which ctid tells no row, or where others take part. s1 to s9; s1, s5 and NULL keys are not in the file. */
const TABLES = {
  'a key that may be NULL': `CREATE TABLE things (sku text UNIQUE, name text)`,
  partitions: `
    CREATE TABLE things (sku text, name text, UNIQUE (sku)) PARTITION BY HASH (sku);
    CREATE TABLE things_1 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE things_2 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
  'a table that inherits': `
    CREATE TABLE things (sku text UNIQUE, name text);
    CREATE TABLE children () INHERITS (things)`,
  'a trigger': `
    CREATE TABLE things (sku text UNIQUE, name text);
    CREATE FUNCTION upper_case() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END';
    CREATE TRIGGER upper_case BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION upper_case()`,
}

for (const [name, made] of Object.entries(TABLES)) {
  t.test(`rows are deleted from ${name}; NULL keys stay, and are said`, async (t) => {
    const db = await testDatabase(t)
    const into2 = name === 'a table that inherits' ? 'children' : 'things'
    await db.run(`${made};
      INSERT INTO things SELECT 's' || n, 'OLD' FROM generate_series(1, 4) AS n;
      INSERT INTO ${into2} SELECT 's' || n, 'OLD' FROM generate_series(5, 9) AS n;
      INSERT INTO ${into2} VALUES (NULL, 'OLD')`)
    const notes: string[] = []
    const path = file(t, csv(['s2,NEW', ...[3, 4, 6, 7, 8, 9].map((n) => `s${n},OLD`), 's10,NEW']))
    const options = { table: 'things', sync: true, maxDeletes: 2, databaseUrl: db.url }
    const { run, rows } = await ingest(path, { ...options, onEvent: into(notes) })
    t.match(rows, { inserted: 1, updated: 1, deleted: 2, unchanged: 6 })
    await compareTables(
      t,
      db,
      'things',
      `SELECT sku, name FROM (VALUES ('s2', 'NEW'), ('s3', 'OLD'), ('s4', 'OLD'), ('s6', 'OLD'), ('s7', 'OLD'), ('s8', 'OLD'),
              ('s9', 'OLD'), ('s10', 'NEW'), (NULL, 'OLD')) AS e (sku, name)`,
    )
    t.ok(
      notes.includes('1 row of things with NULL in the key stays: --sync deletes none of them'),
      notes.join('\n'),
    )
    const set = await changedKeys(db, run)
    t.same(set, ['delete s1', 'delete s5', 'insert s10', 'update s2'])
  })
}

t.test('the key has several columns, of several types', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE things (a int, b numeric, c date, name text, PRIMARY KEY (a, b, c));
    INSERT INTO things SELECT n, n / 2.0, date '2026-01-01' + n, 'x' FROM generate_series(1, 4) AS n`)
  const path = file(t, 'c,name,b,a\n2026-01-02,x,0.5000,1\n2026-01-03,x,1.00,02\n2026-01-04,x,1.5,4\n')
  const { rows } = await ingest(path, {
    table: 'things',
    key: 'a,b,c',
    sync: true,
    maxDeletes: 2,
    databaseUrl: db.url,
  })
  t.match(rows, { inserted: 1, deleted: 2, unchanged: 2 })
})

t.test('what refers to the missing rows', async (t) => {
  const db = await twenty(t)
  await db.run(`
    CREATE TABLE orders (sku text REFERENCES products ON DELETE CASCADE);
    CREATE TABLE prices (sku text CONSTRAINT priced REFERENCES products);
    INSERT INTO orders VALUES ('s1'), ('s1'), ('s9');
    INSERT INTO prices VALUES ('s2')`)
  const notes: string[] = []
  const options = { sync: true, databaseUrl: db.url, onEvent: into(notes) }
  const refused = await failure(t, ingest(file(t, csv(numbers(3, 20).map(row))), options))
  t.match(refused, { code: 'STILL_REFERENCED', details: { table: 'prices', count: 1 } })
  t.equal(await db.value('SELECT count(*) FROM products'), 20)
  notes.length = 0
  t.equal((await ingest(file(t, csv(numbers(2, 20).map(row))), options)).rows.deleted, 1)
  t.ok(
    notes.includes('2 rows of orders will be deleted too (ON DELETE CASCADE); an undo does not restore them'),
  )
  t.equal(await db.value('SELECT count(*) FROM orders'), 1)
})

for (const action of ['NO ACTION', 'CASCADE', 'SET NULL', 'SET DEFAULT'])
  t.test(
    `rows of the table itself refer to the missing ones until they are updated: ${action}`,
    async (t) => {
      const db = await testDatabase(t)
      await db.run(`
      CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE ${action});
      INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3)`)
      const options = { table: 'tree', key: 'id', sync: true, maxDeletes: 1, databaseUrl: db.url }
      const { run, rows } = await ingest(file(t, 'id,parent\n1,\n3,1\n4,3\n'), options)
      t.match(rows, { updated: 1, deleted: 1, unchanged: 2 })
      t.same(await db.rows('SELECT * FROM tree ORDER BY id'), [
        { id: 1, parent: null },
        { id: 3, parent: 1 },
        { id: 4, parent: 3 },
      ])
      t.same(await changedKeys(db, run), ['delete 2', 'update 3'])
      const refused = await failure(t, ingest(file(t, 'id,parent\n1,\n4,3\n'), options))
      t.match(refused, { code: 'STILL_REFERENCED', details: { table: 'tree', count: 1 } })
      t.equal(await db.value('SELECT count(*) FROM tree'), 3)
    },
  )

t.test('a wide table whose key is its last column', async (t) => {
  const db = await testDatabase(t)
  const names = Array.from({ length: 1595 }, (_, n) => `c${n}`)
  const record = (sku: string): string => `${names.map(() => '').join(',')},${sku}\n`
  const header = `${names.join(',')},sku\n`
  const options = { table: 'wide', databaseUrl: db.url }
  await ingest(file(t, header + record('a') + record('b')), options)
  const { rows } = await ingest(file(t, header + record('b') + record('c')), {
    ...options,
    sync: true,
    maxDeletes: 1,
  })
  t.match(rows, { inserted: 1, deleted: 1, unchanged: 1 })
  t.same(await keys(db, 'wide'), ['b', 'c'])
})

t.test('a new table and an empty one', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, csv([row(1)]))
  t.match((await ingest(path, { sync: true, databaseUrl: db.url })).rows, { inserted: 1, deleted: 0 })
  await db.run('DELETE FROM products')
  t.match((await ingest(path, { sync: true, databaseUrl: db.url, restart: true })).rows, {
    inserted: 1,
    deleted: 0,
  })
})

t.test('a constant in the key, and a column whose type has no NULL', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE DOMAIN given AS text NOT NULL;
    CREATE TABLE prices (shop text, sku text, in_scope boolean, price numeric(8, 2), state given, PRIMARY KEY (shop, sku));
    INSERT INTO prices VALUES ('a', 's1', true, 1, 'x'), ('a', 's2', true, 2, 'x'), ('a', 's3', false, 3, 'x'), ('b', 's1', true, 4, 'x')`)
  const options = { table: 'prices', key: 'shop,sku', sync: true, maxDeletes: 2, databaseUrl: db.url }
  const path = file(t, 'sku,price,state\ns2,2.00,x\ns4,4,y\n')
  const { run, rows } = await ingest(path, {
    ...options,
    set: { shop: 'a' },
    syncWhere: "shop = 'a' AND prices.in_scope",
  })
  t.match(rows, { inserted: 1, updated: 0, deleted: 1, unchanged: 1 })
  t.same(await changedKeys(db, run), ['delete a s1', 'insert a s4'])
  t.same(await db.rows('SELECT shop, sku, price, state FROM prices ORDER BY shop, sku'), [
    { shop: 'a', sku: 's2', price: '2.00', state: 'x' },
    { shop: 'a', sku: 's3', price: '3.00', state: 'x' },
    { shop: 'a', sku: 's4', price: '4.00', state: 'y' },
    { shop: 'b', sku: 's1', price: '4.00', state: 'x' },
  ])
  const only = { ...options, key: 'sku', set: { sku: 's1' }, table: 'single' }
  await db.run(
    `CREATE TABLE single (sku text PRIMARY KEY, price int); INSERT INTO single VALUES ('s0', 1), ('s1', 1)`,
  )
  t.match((await ingest(file(t, 'price\n2\n'), only)).rows, { updated: 1, deleted: 1 })
})
