import t, { type Test } from 'tap'
import { requireTarget } from '../../lib/catalog/target.js'
import { Database } from '../../lib/db/database.js'
import { migrate } from '../../lib/db/migrations.js'
import type { Session } from '../../lib/db/session.js'
import { ident } from '../../lib/db/sql.js'
import { ChangeWriter } from '../../lib/merge/change-writer.js'
import { Classified } from '../../lib/merge/classified.js'
import { updateAggregates } from '../../lib/merge/classified-aggregates.js'
import { RowByRowWriter } from '../../lib/merge/row-by-row.js'
import { TableAggregates } from '../../lib/merge/table-aggregates.js'
import type { Written } from '../../lib/merge/write.js'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** Changes that no file brings: what undo, purge and --sync write. */

/** Changes of a table by its key `sku`; columns that are not given keep their values. */
interface Changes {
  readonly insert?: readonly Readonly<Record<string, string>>[]
  readonly update?: readonly Readonly<Record<string, string>>[]
  readonly delete?: readonly string[]
}

interface Options {
  readonly table?: string
  readonly columns?: readonly string[]
  readonly rowByRow?: boolean
}

async function write(db: TestDatabase, changes: Changes, options: Options = {}): Promise<Written> {
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  await migrate(session)
  return await session.transaction(() => writeIn(session, changes, options))
}

async function writeIn(session: Session, changes: Changes, options: Options): Promise<Written> {
  const { table = 'things', columns = ['sku', 'name'], rowByRow = false } = options
  await session.run(
    `INSERT INTO dasy.runs (run, command, target, key, options, workers, state, outcome, ended_at) OVERRIDING SYSTEM VALUE
     VALUES (9, 'undo', $1, '{sku}', '{}', 1, 'ended', 'failed', now())`,
    [table],
  )
  const target = await requireTarget(session, { schema: undefined, name: table })
  const events = { note: () => {} } as never
  const writing = { requested: [], columns, mayDelete: true }
  const aggregates = await TableAggregates.begin({ session, events }, target, writing)
  const { computable } = aggregates
  const olds = computable.map(({ column }, index) => `, t."${column}" AS o${index + 1}`).join('')
  const types = columns.map((name) => target.columns.find((column) => column.name === name)?.type)
  const given = [
    ...(changes.insert ?? []).map((row) => ({ op: 'i', ...row })),
    ...(changes.update ?? []).map((row) => ({ op: 'u', ...row })),
    ...(changes.delete ?? []).map((sku) => ({ op: 'd', sku })),
  ]
  const values = columns.map(
    (name, index) => `CAST(g.change ->> '${name}' AS ${types[index]}) AS v${index + 1}`,
  )
  await session.run(
    `CREATE UNLOGGED TABLE dasy.classified_9 AS
     SELECT CASE WHEN g.change ->> 'op' <> 'd' THEN g.number END AS position, t.ctid AS place,
            CAST(g.change ->> 'op' AS "char") AS op, ${values}${olds}
       FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS g (change, number)
       LEFT JOIN "${table}" AS t ON CAST(t.sku AS text) = g.change ->> 'sku'`,
    [JSON.stringify(given)],
  )
  const set = new Classified({
    table: ident('dasy', 'classified_9'),
    columns: columns.map((name) => ({ target: name, key: name === 'sku' })),
    key: ['sku'],
    aggregates: computable,
    counts: {
      new: changes.insert?.length ?? 0,
      changed: changes.update?.length ?? 0,
      deleted: changes.delete?.length ?? 0,
      moved: computable.map(() => true),
    },
    hasDeletes: true,
  })
  const Writer = rowByRow ? RowByRowWriter : ChangeWriter
  const writer = new Writer(
    { run: 9, session, target: ident(target.schema, target.name), keepsHistory: true },
    target,
  )
  const written = await writer.write(set)
  await updateAggregates(session, aggregates, set, written)
  const left = await session.row(`SELECT count(*)::integer AS rows FROM dasy.classified_9 WHERE op = 'd'`)
  t.same(left, { rows: written.deleted }, 'what is left of the classified deletes was deleted')
  await session.run('DROP TABLE dasy.classified_9')
  return written
}

const PRODUCTS = { table: 'products', columns: ['sku', 'name', 'description'] }

async function products(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name,description\na,Ann,1\nb,Ann,2\nc,Cem,3\nd,Dan,4\n'), { databaseUrl: db.url })
  return db
}

for (const rowByRow of [false, true]) {
  t.test(
    `rows are deleted, updated and inserted, and the aggregate follows${rowByRow ? ', row by row' : ''}`,
    async (t) => {
      const db = await products(t)
      const written = await write(
        db,
        {
          insert: [{ sku: 'e', name: 'Dan', description: '5' }],
          update: [{ sku: 'c', name: 'Cid', description: '3' }],
          delete: ['a', 'd'],
        },
        { ...PRODUCTS, rowByRow },
      )
      t.same(written, { inserted: 1, updated: 1, deleted: 2, same: 0 })
      const rows = await db.rows('SELECT * FROM products ORDER BY sku')
      t.same(rows, [
        { sku: 'b', name: 'Ann', description: '2' },
        { sku: 'c', name: 'Cid', description: '3' },
        { sku: 'e', name: 'Dan', description: '5' },
      ])
      const changes = await db.rows('SELECT op, key, old, new FROM dasy.changes WHERE run = 9 ORDER BY key')
      t.same(changes, [
        { op: 'd', key: ['a'], old: ['Ann', '1'], new: null },
        { op: 'u', key: ['c'], old: ['Cem', null], new: ['Cid', null] },
        { op: 'd', key: ['d'], old: ['Dan', '4'], new: null },
        { op: 'i', key: ['e'], old: null, new: ['Dan', '5'] },
      ])
      await compareTables(t, db, 'products_agg', countsOf('products'))
    },
  )
}

t.test('rows that are only deleted need no values but those of the key', async (t) => {
  const db = await products(t)
  const written = await write(db, { delete: ['a', 'b', 'c', 'd'] }, { table: 'products', columns: ['sku'] })
  t.equal(written.deleted, 4)
  t.same(await db.rows('SELECT * FROM products_agg'), [])
})

t.test('a unique value that a deleted row gives up can be taken over', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (sku text PRIMARY KEY, name text UNIQUE);
                INSERT INTO things VALUES ('a', 'one'), ('b', 'two')`)
  await write(db, { insert: [{ sku: 'c', name: 'one' }], delete: ['a'] })
  t.same(await db.rows('SELECT * FROM things ORDER BY sku'), [
    { sku: 'b', name: 'two' },
    { sku: 'c', name: 'one' },
  ])
})

t.test('identity columns get their old values', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (id integer GENERATED ALWAYS AS IDENTITY, sku text PRIMARY KEY, name text);
                INSERT INTO things (sku, name) VALUES ('a', 'one'), ('b', 'two')`)
  await write(
    db,
    {
      insert: [{ id: '77', sku: 'c', name: 'three' }],
      update: [{ id: '2', sku: 'b', name: 'TWO' }],
      delete: ['a'],
    },
    { columns: ['id', 'sku', 'name'] },
  )
  t.same(await db.rows('SELECT * FROM things ORDER BY sku'), [
    { id: 2, sku: 'b', name: 'TWO' },
    { id: 77, sku: 'c', name: 'three' },
  ])
})

t.test('rows of partitions are found by their key', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (sku integer PRIMARY KEY, name text) PARTITION BY RANGE (sku);
                CREATE TABLE low PARTITION OF things FOR VALUES FROM (0) TO (10);
                CREATE TABLE high PARTITION OF things FOR VALUES FROM (10) TO (20);
                INSERT INTO things VALUES (1, 'a'), (2, 'b'), (11, 'c'), (12, 'd')`)
  const written = await write(db, { update: [{ sku: '2', name: 'B' }], delete: ['11'] })
  t.equal(written.deleted, 1, 'and not the row at the same place of the other one')
  t.same(await db.rows('SELECT * FROM things ORDER BY sku'), [
    { sku: 1, name: 'a' },
    { sku: 2, name: 'B' },
    { sku: 12, name: 'd' },
  ])
})

for (const rowByRow of [false, true]) {
  t.test(`a row that a trigger keeps was not deleted${rowByRow ? ', row by row' : ''}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`CREATE TABLE things (sku text PRIMARY KEY, name text);
      INSERT INTO things VALUES ('a', 'one'), ('b', 'two'), ('c', 'three');
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF OLD.sku = 'a' THEN RETURN NULL; END IF; RETURN OLD; END $$;
      CREATE TRIGGER keep BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION keep()`)
    const changes = { insert: [{ sku: 'd', name: 'four' }], delete: ['a', 'b'] }
    t.match(await write(db, changes, { rowByRow }), { inserted: 1, deleted: 1 })
    const recorded = await db.rows('SELECT op, key FROM dasy.changes ORDER BY key')
    t.same(recorded, [
      { op: 'd', key: ['b'] },
      { op: 'i', key: ['d'] },
    ])
    t.same(await db.rows('SELECT string_agg(sku, $1 ORDER BY sku) AS skus FROM things', ['']), [
      { skus: 'acd' },
    ])
  })
}

t.test('rows of the table itself that a foreign key would delete as well must be in the set', async (t) => {
  const db = await products(t)
  await db.run(`ALTER TABLE products ADD part_of text REFERENCES products ON DELETE CASCADE;
                UPDATE products SET part_of = 'a' WHERE sku IN ('b', 'c')`)
  const refused = { code: 'STILL_REFERENCED', details: { table: 'products', count: 2 } }
  await t.rejects(write(db, { delete: ['a'] }, PRODUCTS), refused)
  t.match(await write(db, { delete: ['a', 'b', 'c'] }, PRODUCTS), { deleted: 3 })
  t.same(await db.rows('SELECT name, no_of_products FROM products_agg'), [{ name: 'Dan', no_of_products: 1 }])
})

t.test('a delete that a foreign key forbids applies nothing', async (t) => {
  const db = await products(t)
  await db.run(`CREATE TABLE orders (sku text REFERENCES products); INSERT INTO orders VALUES ('c')`)
  const refused = { code: 'STILL_REFERENCED', details: { table: 'orders', count: 1 } }
  await t.rejects(write(db, { delete: ['a', 'c'] }, PRODUCTS), refused)
  t.equal(await db.value('SELECT count(*) FROM products'), 4)
})
