import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { IngestOptions, Receipt } from '../../lib/index.js'
import { catalogFacts } from '../support/catalog-facts.js'
import { ingest, migrateUp, resume, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { enoughToMakeAgain } from '../support/enough-records.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** The table that `dasy migrate up` made is created again with the rows of its first load, if nobody can tell. */

const CONTENT = enoughToMakeAgain('name,sku,description\na,1,b\nc,2,d\na,3,d\n')

/** So that the load inserts its rows into the table that is there. */
const STORES_OIDS = 'CREATE TABLE elsewhere (relation regclass)'

const oidOf = (db: TestDatabase) => db.value<number>(`SELECT 'products'::regclass::oid`)

async function made(t: Test, statements = ''): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  if (statements !== '') await db.run(statements)
  return db
}

async function load(
  t: Test,
  db: TestDatabase,
  content = CONTENT,
  options: IngestOptions = {},
): Promise<Receipt> {
  const receipt = await ingest(file(t, content), { databaseUrl: db.url, ...options })
  await compareTables(t, db, 'products_agg', countsOf('products'))
  return receipt
}

t.test('the catalog is the same as if the rows were inserted into the old table', async (t) => {
  const inserted = await made(t, STORES_OIDS)
  const old = await oidOf(inserted)
  await load(t, inserted)
  t.equal(await oidOf(inserted), old, 'the table stayed')

  const again = await made(t)
  const before = await oidOf(again)
  t.match((await load(t, again)).rows, { inserted: 3 })
  t.not(await oidOf(again), before, 'the table is another one')

  const expected = await catalogFacts(inserted)
  const found = await catalogFacts(again)
  for (const [what, rows] of Object.entries(expected)) {
    t.ok(rows.length > 0, `${what}: there are some`)
    t.same(found[what], rows, what)
  }
  t.same(
    await again.rows('SELECT * FROM products ORDER BY sku'),
    await inserted.rows('SELECT * FROM products ORDER BY sku'),
  )
  await assertNothingLeft(t, again)
})

t.test('its columns stay, whichever the file has, and it gets those that the file adds', async (t) => {
  const columns = (db: TestDatabase) => db.columns('products')
  const one = await made(t)
  await load(t, one, enoughToMakeAgain('sku\n1\n2\n'))
  t.same(await columns(one), ['sku', 'name', 'description'])
  t.same(await one.rows('SELECT * FROM products_agg'), [{ name: null, no_of_products: 2 }])

  const more = await made(t)
  const before = await oidOf(more)
  await load(t, more, enoughToMakeAgain('color,description,name,sku\nred,d,n,1\n'))
  t.not(await oidOf(more), before)
  t.same(await columns(more), ['sku', 'name', 'description', 'color'])
  t.same(await more.rows('SELECT * FROM products'), [{ sku: '1', name: 'n', description: 'd', color: 'red' }])

  const updated = await made(t)
  await update(file(t, CONTENT), { databaseUrl: updated.url })
  await compareTables(t, updated, 'products_agg', countsOf('products'))
  t.same(await catalogFacts(updated), await catalogFacts(await loadedOnce(t)))
})

async function loadedOnce(t: Test): Promise<TestDatabase> {
  const db = await made(t)
  await load(t, db)
  return db
}

t.test('it stays if a few records are loaded', async (t) => {
  const db = await made(t)
  const before = await oidOf(db)
  const indexes = () =>
    db.rows(
      `SELECT oid, relname, relfilenode FROM pg_class WHERE relname IN ('products_pkey', 'groups_1_value')`,
    )
  const [built] = [await indexes()]
  t.match((await load(t, db, 'name,sku,description\na,1,b\na,2,b\n')).rows, { inserted: 2 })
  t.equal(await oidOf(db), before)
  t.same(await indexes(), built, 'and so do its indexes')

  await db.run(`INSERT INTO products SELECT n, n FROM generate_series(3, 5000) AS n; DELETE FROM products`)
  t.match((await load(t, db, 'name,sku\na,1\n,2\n')).rows, { inserted: 2 }, 'after somebody emptied it')
})

t.test('a table in another schema of the search path stays where it is', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE SCHEMA shop; CREATE SCHEMA first;
                ALTER DATABASE ${db.name} SET search_path = shop`)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`ALTER DATABASE ${db.name} SET search_path = first, shop`)
  const before = await db.value(`SELECT 'shop.products'::regclass::oid`)
  const receipt = await ingest(file(t, CONTENT), { databaseUrl: db.url })
  t.match(receipt.rows, { inserted: 3 })
  t.not(await db.value(`SELECT 'shop.products'::regclass::oid`), before)
  t.equal(await db.value(`SELECT to_regclass('first.products')`), null)
  await compareTables(t, db, 'shop.products_agg', countsOf('shop.products'))
})

t.test('what SQL files of the load attach stays', async (t) => {
  const db = await made(t)
  const before = await oidOf(db)
  const index = file(t, 'CREATE INDEX mine ON products (name);', 'before.sql')
  await load(t, db, CONTENT, { before: [index] })
  t.equal(await oidOf(db), before)
  t.ok(await db.value(`SELECT to_regclass('mine')`))

  const emptied = await testDatabase(t)
  const grant = file(t, 'CREATE VIEW mine AS SELECT * FROM products;', 'after.sql')
  await load(t, emptied, 'sku,name\n', { after: [grant] })
  const old = await oidOf(emptied)
  await load(t, emptied)
  t.equal(await oidOf(emptied), old, 'a table that a load made')
  t.equal(await emptied.value('SELECT count(*) FROM mine'), 3)
})

t.test('what an event trigger attached stays, although the event trigger is gone', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF to_regclass('products') IS NOT NULL THEN
                    CREATE INDEX IF NOT EXISTS mine ON products (name);
                  END IF;
                END $$;
                CREATE EVENT TRIGGER mine ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION mine()`)
  await migrateUp({ databaseUrl: db.url })
  await db.run('DROP EVENT TRIGGER mine')
  await load(t, db)
  t.same(
    await db.rows(`SELECT indexdef FROM pg_indexes WHERE indexname = 'mine'`).then((rows) => rows.length),
    1,
  )
})

t.test('a table of another role stays', async (t) => {
  const db = await testDatabase(t)
  const role = await db.role()
  await db.run(
    `GRANT CREATE ON DATABASE ${db.name} TO ${role.name}; GRANT CREATE ON SCHEMA public TO ${role.name}`,
  )
  await migrateUp({ databaseUrl: role.url })
  const before = await oidOf(db)
  await load(t, db)
  t.equal(await oidOf(db), before)

  const own = await testDatabase(t)
  const owner = await own.role()
  await own.run(
    `GRANT CREATE ON DATABASE ${own.name} TO ${owner.name}; GRANT CREATE ON SCHEMA public TO ${owner.name}`,
  )
  await migrateUp({ databaseUrl: owner.url })
  const old = await oidOf(own)
  await load(t, own, CONTENT, { databaseUrl: owner.url })
  t.not(await oidOf(own), old, 'its owner creates it again')
  t.equal(
    await own.value(`SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'products'`),
    owner.name,
  )

  const without = await testDatabase(t)
  const former = await without.role()
  await without.run(
    `GRANT CREATE ON DATABASE ${without.name} TO ${former.name}; GRANT CREATE ON SCHEMA public TO ${former.name}`,
  )
  await migrateUp({ databaseUrl: former.url })
  await without.run(`REVOKE CREATE ON SCHEMA public FROM ${former.name}`)
  const kept = await oidOf(without)
  await load(t, without, CONTENT, { databaseUrl: former.url })
  t.equal(await oidOf(without), kept, 'its owner may not create tables any more')
})

t.test('a load that fails leaves the old table, and one that is resumed creates it again', async (t) => {
  const db = await made(t)
  const before = await catalogFacts(db)
  const old = await oidOf(db)
  const after = file(t, 'SELECT 1 / count(*) FROM allowed;', 'after.sql')
  await db.run('CREATE TABLE allowed ()')
  const error = await failure(t, ingest(file(t, CONTENT), { databaseUrl: db.url, after: [after] }))
  t.match(error, { code: 'SQL_FILE_FAILED' })
  t.equal(await oidOf(db), old)
  t.same(await catalogFacts(db), before)
  await db.run('INSERT INTO allowed DEFAULT VALUES')
  const receipt = await resume(error.details.run as number, { databaseUrl: db.url })
  t.match(receipt.rows, { inserted: 3 })
  t.not(await oidOf(db), old)
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('two loads at once, one after the other', async (t) => {
  const db = await made(t)
  const receipts = await Promise.all([
    ingest(file(t, CONTENT), { databaseUrl: db.url }),
    ingest(file(t, enoughToMakeAgain('sku,name\n3,z\n4,a\n')), { databaseUrl: db.url }),
  ])
  t.equal(
    receipts.reduce((sum, { rows }) => sum + (rows.inserted ?? 0), 0),
    4,
  )
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('a session that changes the aggregate is not waited for', async (t) => {
  const db = await made(t)
  const before = await oidOf(db)
  const other = await db.client()
  await other.query(`BEGIN; COMMENT ON VIEW products_agg IS 'mine'`)
  await load(t, db)
  t.equal(await oidOf(db), before, 'the table stays')
  await other.query('COMMIT')
  t.equal(await db.value(`SELECT obj_description('products_agg'::regclass)`), 'mine')
})

/** A load that has written everything, and commits when it is told to. */
async function loadedBehindGate(t: Test, db: TestDatabase) {
  const gate = await db.client()
  await gate.query('SELECT pg_advisory_lock(42)')
  const after = file(t, 'SELECT pg_advisory_lock(42);', 'after.sql')
  const loaded = ingest(file(t, CONTENT), { databaseUrl: db.url, after: [after] })
  /** Until so many sessions wait for a lock, beside the load. */
  const waiting = async (sessions: number) => {
    const text = `SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'`
    while ((await db.value<number>(text)) <= sessions) await sleep(10)
  }
  await waiting(0)
  const commit = async () => {
    await gate.query('SELECT pg_advisory_unlock(42)')
    await loaded
  }
  return { waiting, commit }
}

t.test('sessions that wait for the load, and know the old table, find the new one', async (t) => {
  const db = await made(
    t,
    `CREATE FUNCTION first_sku() RETURNS text LANGUAGE plpgsql AS $$
       DECLARE row products%ROWTYPE;
       BEGIN SELECT * INTO row FROM products ORDER BY sku LIMIT 1; RETURN row.sku; END $$`,
  )
  const before = await oidOf(db)
  const statements = [
    { name: 'read', text: 'SELECT count(*)::text AS found FROM products' },
    { name: 'groups', text: 'SELECT count(*)::text AS found FROM products_agg' },
    { name: 'both', text: 'SELECT count(*)::text AS found FROM products_agg JOIN products USING (name)' },
    { name: 'function', text: 'SELECT first_sku() AS found' },
    { name: 'write', text: `INSERT INTO products (sku, name) VALUES ('0', 'z') RETURNING 'ok' AS found` },
  ]
  const clients = await Promise.all(statements.map(() => db.client()))
  for (const [index, statement] of statements.entries()) {
    const client = clients[index]
    await client?.query('BEGIN')
    await client?.query(statement)
    await client?.query('ROLLBACK')
  }
  const { waiting, commit } = await loadedBehindGate(t, db)
  const found = statements.map((statement, index) => clients[index]?.query(statement))
  await waiting(statements.length)
  await commit()
  const values = (await Promise.all(found)).map((result) => result?.rows[0].found)
  t.not(await oidOf(db), before)
  t.match(values, [/^[34]$/, /^[23]$/, /^[34]$/, /^[01]$/, 'ok'])
  t.equal(await db.value('SELECT count(*) FROM products'), 4)
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('a GRANT at the same time is not lost: it applies to the new table, or fails', async (t) => {
  for (const relation of ['products', 'products_agg']) {
    const db = await made(t)
    const { waiting, commit } = await loadedBehindGate(t, db)
    const other = await db.client()
    const granted = other.query(`GRANT SELECT ON ${relation} TO PUBLIC`).then(
      () => true,
      () => false,
    )
    await waiting(1)
    await commit()
    const text = 'SELECT relacl IS NOT NULL FROM pg_class WHERE oid = $1::regclass'
    t.equal(await db.value(text, [relation]), await granted, relation)
  }
})

t.test('a table that had privileges from the beginning stays', async (t) => {
  const db = await testDatabase(t)
  await db.run('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC')
  await migrateUp({ databaseUrl: db.url })
  await db.run('ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC')
  const before = await oidOf(db)
  await load(t, db)
  t.equal(await oidOf(db), before)
  t.ok(await db.value(`SELECT relacl FROM pg_class WHERE relname = 'products'`))
})
