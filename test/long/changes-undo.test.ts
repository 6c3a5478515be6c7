import t, { type Test } from 'tap'
import type { Receipt } from '../../lib/contract/receipt.js'
import { aggregate, changes, ingest, purge, undo, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** Runs that take back other runs. */

interface Table {
  readonly db: TestDatabase
  ingest(content: string, options?: object): Promise<Receipt>
  update(content: string, options?: object): Promise<Receipt>
  purge(where?: string): Promise<Receipt>
  undo(run: number, options?: object): Promise<Receipt>
  /** The whole table by its text, with its columns in their order. */
  rows(): Promise<string[]>
  /** Each live aggregate, compared with a count of the table. */
  groups(): Promise<string[]>
}

async function tableOf(t: Test, name = 'products'): Promise<Table> {
  const db = await testDatabase(t)
  const to = { databaseUrl: db.url }
  const load = { ...to, table: name }
  return {
    db,
    ingest: (content, options = {}) => ingest(file(t, content), { ...load, ...options }),
    update: (content, options = {}) => update(file(t, content), { ...load, ...options }),
    purge: (where) => purge(name, { ...to, ...(where !== undefined && { where }) }),
    undo: async (run, options = {}) => {
      const receipt = await undo(run, { ...to, ...options })
      const { read, inserted, updated, deleted, unchanged, skipped } = receipt.rows
      t.equal(read, inserted + updated + deleted + unchanged + skipped, 'the receipt balances')
      t.match(receipt, { command: 'undo', status: 'completed', source: null, bytes: 0, workers: 0 })
      return receipt
    },
    rows: async () =>
      (await db.rows<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t ORDER BY 1`)).map(
        ({ row }) => row,
      ),
    groups: async () => {
      const counts = await db.rows<{ row: string }>(
        `SELECT concat_ws(' ', a::text) AS row FROM ${name}_agg AS a ORDER BY 1`,
      )
      return counts.map(({ row }) => row)
    },
  }
}

const FIRST = 'sku,name,description\na,Ann,1\nb,Bob,2\nc,Cem,3\nd,Dan,4\n'

t.test('an update is taken back, and the undo, and the undo of the undo', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const before = { rows: await products.rows(), groups: await products.groups() }
  const { run } = await products.ingest('sku,name,description\na,Eve,1\nb,Bob,two\ne,Eve,5\n')
  const after = { rows: await products.rows(), groups: await products.groups() }
  const taken = await products.undo(run)
  t.match(taken.rows, { read: 3, inserted: 0, updated: 2, deleted: 1, unchanged: 0, skipped: 0 })
  t.match(taken, { table: 'products', key: ['sku'], aggregates: [{ table: 'products_agg', groups: 4 }] })
  t.same({ rows: await products.rows(), groups: await products.groups() }, before)
  const again = await products.undo(taken.run)
  t.match(again.rows, { read: 3, inserted: 1, updated: 2, deleted: 0 })
  t.same({ rows: await products.rows(), groups: await products.groups() }, after)
  await products.undo(again.run)
  t.same({ rows: await products.rows(), groups: await products.groups() }, before)
})

t.test('a run that was undone cannot be undone again, unless that was undone', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const { run } = await products.update('sku,name\na,Eve\n')
  const taken = await products.undo(run)
  const twice = await failure(t, products.undo(run))
  t.match(twice, { code: 'ALREADY_UNDONE', exitStatus: 1, details: { undoes: run, undo: taken.run } })
  t.match(twice.message, `run ${taken.run}`)
  await products.undo(taken.run)
  t.match((await failure(t, products.undo(taken.run))).code, 'ALREADY_UNDONE')
  const third = await products.undo(run)
  t.match(await failure(t, products.undo(run)), { code: 'ALREADY_UNDONE', details: { undo: third.run } })
  t.match((await failure(t, products.undo(99))).code, 'RUN_NOT_FOUND')
})

t.test('undo of the last run, then of the one before, and of the first load', async (t) => {
  const products = await tableOf(t)
  const runs: number[] = []
  const states: string[][] = []
  const then = async (work: Promise<Receipt>): Promise<void> => {
    runs.push((await work).run)
    states.push(await products.rows())
  }
  await then(products.ingest(FIRST))
  await then(products.ingest('sku,name\na,Eve\ne,Eve\n'))
  await then(products.purge(`sku > 'b'`))
  await then(products.update('sku,name,description\na,Zoe,x\nb,Zoe,y\nc,Zoe,z\n'))
  await then(products.purge())
  await then(products.ingest(FIRST))
  for (const run of runs.toReversed()) {
    t.same(await products.rows(), states.pop(), `before the undo of run ${run}`)
    await products.undo(run)
  }
  t.same(await products.rows(), [])
  t.same(await products.groups(), [])
})

t.test('a run that changed nothing, one without history, and one that is not complete', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const { run } = await products.ingest(FIRST)
  t.match((await products.undo(run)).rows, { read: 0, unchanged: 0 })
  const silent = await products.update('sku,name\na,Eve\n', { history: false })
  t.match(await failure(t, products.undo(silent.run)), { code: 'NO_HISTORY', exitStatus: 1 })
  await failure(t, products.ingest('sku,name\nx\ny,1\n'))
  const { db } = products
  const failed = await db.value<number>('SELECT max(run) FROM dasy.runs')
  t.match(await failure(t, products.undo(Number(failed))), { code: 'NO_HISTORY' })
  await db.run('ALTER TABLE products RENAME sku TO id')
  const renamed = await products.update('id,name\nb,Eve\n', { key: 'id' })
  await db.run('DROP TABLE products CASCADE')
  t.match(await failure(t, products.undo(renamed.run)), { code: 'TABLE_REPLACED', exitStatus: 1 })
  await db.run('CREATE TABLE products (id text PRIMARY KEY, name text)')
  t.match(await failure(t, products.undo(renamed.run)), { code: 'TABLE_REPLACED' })
})

t.test('history that was lost, and a key that is gone', async (t) => {
  const products = await tableOf(t)
  const { run } = await products.ingest(FIRST)
  const { db } = products
  const changed = await products.update('sku,name\na,Eve\n')
  await db.run('ALTER TABLE products ALTER description TYPE integer USING description::integer')
  const lost = await failure(t, products.undo(run))
  t.match(lost, { code: 'HISTORY_LOST', exitStatus: 1 })
  t.match(lost.hint, 'dasy purge')
  await db.run('ALTER TABLE products DROP sku CASCADE')
  t.match(await failure(t, products.undo(changed.run)), { code: 'NO_KEY', details: { columns: ['sku'] } })
})

/** What others do after a run, with the conflicts of its undo. */
const MEANWHILE: readonly (readonly [string, string, readonly object[]])[] = [
  [
    'an updated row is gone',
    `DELETE FROM products WHERE sku = 'a'`,
    [{ key: { sku: 'a' }, conflict: 'row gone', run: null }],
  ],
  [
    'an updated column has another value',
    `UPDATE products SET name = NULL, description = 'x' WHERE sku = 'a'`,
    [{ key: { sku: 'a' }, conflict: 'row changed', left: { name: 'Eve' }, now: { name: null }, run: null }],
  ],
  [
    'an inserted row differs',
    `UPDATE products SET description = 'x' WHERE sku = 'e'`,
    [
      {
        key: { sku: 'e' },
        conflict: 'row changed',
        left: { description: '5' },
        now: { description: 'x' },
        run: null,
      },
    ],
  ],
  ['an inserted row is gone', `DELETE FROM products WHERE sku = 'e'`, []],
  [
    'another column of an updated row has another value',
    `UPDATE products SET description = 'x' WHERE sku = 'a'`,
    [],
  ],
  ['a column was added', `ALTER TABLE products ADD added integer DEFAULT 7`, []],
  [
    'a constraint refuses a row',
    `ALTER TABLE products ADD CHECK (name <> 'Ann') NOT VALID`,
    [{ key: { sku: 'a' }, conflict: 'row refused', run: null }],
  ],
  [
    'a unique constraint does',
    `ALTER TABLE products ADD UNIQUE (name); INSERT INTO products VALUES ('f', 'Ann')`,
    [{ key: { sku: 'a' }, conflict: 'row refused', run: null }],
  ],
  [
    'a column does not take the old text',
    `ALTER TABLE products ALTER name TYPE varchar(4) USING name; UPDATE products SET name = 'Bobb' WHERE sku = 'b'`,
    [],
  ],
  [
    'a column takes some old texts only',
    `ALTER TABLE products ALTER description TYPE integer USING NULL`,
    [
      { key: { sku: 'b' }, conflict: 'row changed' },
      { key: { sku: 'e' }, conflict: 'row changed' },
    ],
  ],
]

for (const [name, meanwhile, conflicts] of MEANWHILE) {
  t.test(`conflicts: ${name}`, async (t) => {
    const products = await tableOf(t)
    const { db } = products
    await products.ingest(FIRST)
    const { run } = await products.ingest('sku,name,description\na,Eve,1\nb,Bob,two\ne,Eden,5\n', {
      key: 'sku',
    })
    await db.run(meanwhile)
    const before = await products.rows()
    if (conflicts.length > 0) {
      const error = await failure(t, products.undo(run))
      t.match(error, { code: 'UNDO_CONFLICTS', exitStatus: 3 })
      t.match(error.details, { undoes: run, conflicting: conflicts.length, conflicts })
      t.equal((error.details.conflicts as unknown[]).length, conflicts.length)
      t.same(await products.rows(), before, 'nothing was changed')
      t.equal(await db.value('SELECT outcome FROM dasy.runs ORDER BY run DESC LIMIT 1'), 'rejected')
    }
    const { rows } = await products.undo(run, { skipConflicts: true })
    t.equal(rows.skipped, conflicts.length)
    t.equal(
      await db.value(
        `SELECT count(*) FROM pg_class WHERE relname ~ '^(inverse|misfits|later|before|after|written)_'`,
      ),
      0,
    )
    const [a, b, e] = await Promise.all(
      ['a', 'b', 'e'].map((sku) =>
        db.rows(`SELECT name, description::text FROM products WHERE sku = '${sku}'`),
      ),
    )
    const conflicting = JSON.stringify(conflicts)
    if (!conflicting.includes('"a"')) t.match(a, [{ name: 'Ann' }])
    if (!conflicting.includes('"b"')) t.match(b, [{ description: '2' }])
    if (!conflicting.includes('"e"')) t.same(e, [])
  })
}

t.test('a conflict names the run that made it', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const first = await products.ingest('sku,name\na,Eve\nb,Eve\nc,Eve\ne,Eden\n')
  const purged = await products.purge(`sku = 'd'`)
  const changed = await products.update('sku,name\na,Zoe\ne,Zoe\n')
  const gone = await products.purge(`sku = 'b'`)
  await products.db.run(`UPDATE products SET name = 'outside' WHERE sku = 'c'`)
  const restored = await products.ingest('sku,name\nd,Dan\n')
  const error = await failure(t, products.undo(first.run))
  t.match(error.details, {
    conflicting: 4,
    conflicts: [
      {
        key: { sku: 'a' },
        conflict: 'row changed',
        left: { name: 'Eve' },
        now: { name: 'Zoe' },
        run: changed.run,
      },
      { key: { sku: 'b' }, conflict: 'row gone', run: gone.run },
      { key: { sku: 'c' }, conflict: 'row changed', run: null },
      {
        key: { sku: 'e' },
        conflict: 'row changed',
        left: { name: 'Eden' },
        now: { name: 'Zoe' },
        run: changed.run,
      },
    ],
  })
  const there = await failure(t, products.undo(purged.run))
  t.match(there.details.conflicts, [{ key: { sku: 'd' }, conflict: 'key there again', run: restored.run }])
})

t.test('rows that foreign keys need', async (t) => {
  const products = await tableOf(t)
  const { db } = products
  await products.ingest(FIRST)
  const { run } = await products.ingest('sku,name\ne,Eve\nf,Eve\n')
  await db.run(`CREATE TABLE orders (sku text REFERENCES products); INSERT INTO orders VALUES ('e'), ('e')`)
  const error = await failure(t, products.undo(run))
  t.match(error, { code: 'STILL_REFERENCED', exitStatus: 1, details: { table: 'orders', count: 2 } })
  await db.run('DELETE FROM orders')
  t.match((await products.undo(run)).rows, { deleted: 2 })
})

for (const action of ['CASCADE', 'SET NULL', 'SET DEFAULT'])
  t.test(`rows of the table itself that refer to what an undo deletes: ${action}`, async (t) => {
    const tree = await tableOf(t, 'tree')
    await tree.db.run(`
      CREATE TABLE tree (id int PRIMARY KEY, parent int DEFAULT 1
        REFERENCES tree ON DELETE ${action} DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 1)`)
    const before = await tree.rows()
    const { run } = await tree.ingest('id,parent\n2,4\n4,1\n', { key: 'id' })
    await tree.db.run('UPDATE tree SET parent = 4 WHERE id = 3')
    const after = await tree.rows()
    const error = await failure(t, tree.undo(run))
    t.match(error, { code: 'STILL_REFERENCED', exitStatus: 1, details: { table: 'tree', count: 1 } })
    t.same(await tree.rows(), after)
    await tree.db.run('UPDATE tree SET parent = 1 WHERE id = 3')
    t.match(
      (await tree.undo(run)).rows,
      { updated: 1, deleted: 1 },
      'the one that it changed has its old value first',
    )
    t.same(await tree.rows(), before)
  })

t.test('changes of an undo have no place', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const { run } = await products.ingest('sku,name\na,Eve\ne,Eve\n')
  const taken = await products.undo(run)
  const listed = []
  for await (const change of changes(taken.run, { databaseUrl: products.db.url })) listed.push(change)
  const nowhere = { source: null, byte: null, line: null }
  t.match(
    listed.toSorted((one, other) => (one.op < other.op ? -1 : 1)),
    [
      { op: 'delete', key: { sku: 'e' }, old: { sku: 'e', name: 'Eve' }, ...nowhere },
      { op: 'update', key: { sku: 'a' }, old: { name: 'Eve' }, new: { name: 'Ann' }, ...nowhere },
    ],
  )
})

t.test('aggregates of other columns move with an undo', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const { db } = products
  await aggregate('products', 'description', { databaseUrl: db.url })
  const groups = () => db.rows('SELECT * FROM products_agg_description ORDER BY description')
  const before = await groups()
  const { run } = await products.ingest('sku,name,description\na,Ann,2\nb,Bob,\ne,Eve,2\n')
  const purged = await products.purge(`name = 'Cem'`)
  await products.undo(purged.run)
  await products.undo(run)
  t.same(await groups(), before)
})

t.test('a load with --sync is taken back, without the rows that the table refuses by now', async (t) => {
  const products = await tableOf(t)
  await products.ingest(FIRST)
  const before = await products.rows()
  const { run, rows } = await products.ingest('sku,name\na,Eve\ne,Eve\n', { sync: true, maxDeletes: '100%' })
  t.match(rows, { inserted: 1, updated: 1, deleted: 3 })
  await products.db.run(
    `ALTER TABLE products ADD CHECK (sku <> 'b') NOT VALID, ADD CHECK (name <> 'Dan') NOT VALID`,
  )
  const error = await failure(t, products.undo(run))
  t.match(error.details, {
    conflicting: 2,
    conflicts: [
      { key: { sku: 'b' }, conflict: 'row refused', reason: /violates check constraint/ },
      { key: { sku: 'd' }, conflict: 'row refused' },
    ],
  })
  const taken = await products.undo(run, { skipConflicts: true })
  t.match(taken.rows, { read: 5, inserted: 1, updated: 1, deleted: 1, skipped: 2 })
  t.same(
    await products.rows(),
    before.filter((row) => !/^\((b|d),/.test(row)),
  )
  await products.undo(taken.run)
  t.match(await products.rows(), [/^\(a,Eve/, /^\(e,Eve/])
})
