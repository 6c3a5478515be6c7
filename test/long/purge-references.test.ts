import t from 'tap'
import { tenProducts } from '../changes/ten-products.js'
import { purge, resume, runs, undo } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'

/** A purge of rows that others refer to. */

t.test('what refers to deleted rows', async (t) => {
  const db = await tenProducts(t)
  await db.run(`
    CREATE TABLE orders (id int PRIMARY KEY, sku text REFERENCES products ON DELETE CASCADE);
    CREATE TABLE stock (sku text REFERENCES products ON DELETE SET NULL);
    CREATE TABLE prices (sku text CONSTRAINT priced REFERENCES products);
    INSERT INTO orders VALUES (1, 's1'), (2, 's1'), (3, 's5');
    INSERT INTO stock VALUES ('s2');
    INSERT INTO prices VALUES ('s3'), ('s3'), ('s4')`)
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes) }
  const refused = await failure(t, purge('products', options))
  t.match(refused, {
    code: 'STILL_REFERENCED',
    exitStatus: 1,
    message:
      /3 rows of prices refer to rows that would be deleted \(foreign key "priced"\); nothing was deleted/,
    details: { table: 'prices', count: 3, constraint: 'priced' },
  })
  t.equal(await db.value('SELECT count(*) FROM products'), 10)
  t.equal(await db.value('SELECT count(*) FROM orders'), 3)
  t.match(await runs({ databaseUrl: db.url }), [
    { command: 'purge', status: 'failed', error: { code: 'STILL_REFERENCED' } },
    {},
  ])

  notes.length = 0
  const { rows } = await purge('products', { where: "sku < 's3'", ...options })
  t.equal(rows.deleted, 3)
  t.same(notes, [
    '2 rows of orders will be deleted too (ON DELETE CASCADE); an undo does not restore them',
    '1 row of stock will be set to NULL (ON DELETE SET NULL); an undo does not restore them',
  ])
  t.same(await db.rows('SELECT * FROM orders'), [{ id: 3, sku: 's5' }])
  t.same(await db.rows('SELECT * FROM stock'), [{ sku: null }])

  await db.run(
    `CREATE TABLE parcels (id int CONSTRAINT packed REFERENCES orders); INSERT INTO parcels VALUES (3)`,
  )
  const deep = await failure(t, purge('products', { where: "sku = 's5'", ...options }))
  t.match(deep, { code: 'STILL_REFERENCED', message: /packed/ }, 'a reference to what would go with it')

  await db.run(`DELETE FROM parcels; DELETE FROM prices`)
  const stopped = deep.details.run as number
  t.match(await resume(stopped, { databaseUrl: db.url }), {
    run: stopped,
    command: 'purge',
    rows: { deleted: 1 },
  })
})

t.test('rows that refer to each other go together', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE tree (id int PRIMARY KEY, parent int CONSTRAINT grows REFERENCES tree);
    INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 4)`)
  const refused = await failure(t, purge('tree', { where: 'id < 3', databaseUrl: db.url }))
  t.match(refused, { code: 'STILL_REFERENCED', details: { table: 'tree', count: 1, constraint: 'grows' } })
  t.equal((await purge('tree', { databaseUrl: db.url })).rows.deleted, 4)
})

t.test('rows of the table that a cascade takes are in the set', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE);
    INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1), (6, 6)`)
  const before = await db.rows('SELECT * FROM tree ORDER BY id')
  const receipt = await purge('tree', { where: 'id = 2', databaseUrl: db.url })
  t.match(receipt.rows, { read: 3, deleted: 3 })
  t.same(await db.rows('SELECT id FROM tree ORDER BY id'), [{ id: 1 }, { id: 5 }, { id: 6 }])
  t.equal((await undo(receipt.run, { databaseUrl: db.url })).rows.inserted, 3)
  t.same(await db.rows('SELECT * FROM tree ORDER BY id'), before)
})

for (const action of ['SET NULL', 'SET DEFAULT'])
  t.test(`rows of the table that a purge would change forbid it: ${action}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`
      CREATE TABLE tree (id int PRIMARY KEY, parent int DEFAULT 1 CONSTRAINT grows REFERENCES tree ON DELETE ${action});
      INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 2), (5, 5)`)
    const before = await db.rows('SELECT * FROM tree ORDER BY id')
    t.match(await failure(t, purge('tree', { where: 'id = 2', databaseUrl: db.url })), {
      code: 'STILL_REFERENCED',
      message: new RegExp(`2 rows of tree refer to .* ON DELETE ${action} would`),
      details: { table: 'tree', count: 2, constraint: 'grows' },
    })
    t.same(await db.rows('SELECT * FROM tree ORDER BY id'), before)
    const notes: string[] = []
    const { run, rows } = await purge('tree', { where: 'id > 1', databaseUrl: db.url, onEvent: into(notes) })
    t.match(rows, { read: 4, deleted: 4 })
    t.same(notes, [])
    await undo(run, { databaseUrl: db.url })
    t.same(await db.rows('SELECT * FROM tree ORDER BY id'), before)
  })
