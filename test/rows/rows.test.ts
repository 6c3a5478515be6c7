import t from 'tap'
import { changesOf } from '../support/change-set.js'
import { runs, undo } from '../support/compiled.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { products, refusal } from './open.js'

/** Rows are read and written one by one, each write as a run. */

t.test('one row is read by its key, with a hash of all of it', async (t) => {
  const { db, rows } = await products(t)
  const { row, etag } = await rows.get('products', ['s1'])
  t.equal(row, '{"sku":"s1","name":"name 1","description":"1"}')
  t.match(etag, /^"[\w-]{27}"$/)
  await db.run(`UPDATE products SET description = 'x' WHERE sku = 's1'`)
  const changed = await rows.get('products', ['s1'])
  t.not(changed.etag, etag)
  t.equal((await refusal(rows.get('products', ['none']))).code, 'ROW_NOT_FOUND')
  t.equal((await refusal(rows.get('products', ['s1', 's2']))).code, 'BAD_OPTION', 'the key has one value')
  t.equal((await refusal(rows.get('nothing', ['s1']))).code, 'TABLE_NOT_FOUND')
})

t.test('a table that changes is described anew', async (t) => {
  const { db, rows } = await products(t)
  await rows.get('products', ['s1'])
  await db.run(`ALTER TABLE products ADD COLUMN stock integer DEFAULT 7`)
  t.equal(
    (await rows.get('products', ['s1'])).row,
    '{"sku":"s1","name":"name 1","description":"1","stock":7}',
  )
  await db.run(`ALTER TABLE products DROP COLUMN description, ALTER COLUMN stock TYPE bigint`)
  t.equal((await rows.get('products', ['s1'])).row, '{"sku":"s1","name":"name 1","stock":"7"}')
  t.equal((await rows.list('products', { limit: 1 })).rows[0], '{"sku":"s0","name":"name 0","stock":"7"}')
  await db.run(`ALTER TABLE products RENAME TO gone`)
  t.equal((await refusal(rows.get('products', ['s1']))).code, 'TABLE_NOT_FOUND')
})

t.test('a row write is a run: blame knows it, undo takes it back, aggregates follow', async (t) => {
  const { db, rows } = await products(t)
  const databaseUrl = db.url
  const patched = await rows.patch('products', ['s1'], '{"name":"name 2"}')
  t.equal(patched.row, '{"sku":"s1","name":"name 2","description":"1"}')
  t.equal(patched.made, false)
  const run = patched.run as number
  const [change, ...others] = await changesOf(db, run)
  t.same(others, [])
  t.same(change, {
    op: 'update',
    key: { sku: 's1' },
    old: { name: 'name 1' },
    new: { name: 'name 2' },
    source: null,
    byte: null,
    line: null,
  })
  await compareTables(t, db, 'products_agg', countsOf('products'))
  const [receipt] = await runs({ run, databaseUrl })
  t.match(receipt, {
    command: 'row',
    status: 'completed',
    source: null,
    table: 'products',
    key: ['sku'],
    bytes: 0,
  })
  t.match(receipt?.rows, { read: 1, updated: 1, inserted: 0, deleted: 0 })

  const made = await rows.put('products', ['new'], '{"name":"n"}')
  t.match(made, { made: true, row: '{"sku":"new","name":"n","description":null}' })
  const replaced = await rows.put('products', ['s2'], '{"name":"n"}')
  t.match(replaced, { made: false, row: '{"sku":"s2","name":"n","description":null}' })
  const gone = await rows.delete('products', ['s3'])
  t.match(gone, { row: null, made: false })
  const several = await rows.insert('products', '[{"sku":"a","name":"x"},{"sku":"b","description":"y"}]')
  t.same(several.rows, [
    '{"sku":"a","name":"x","description":null}',
    '{"sku":"b","name":null,"description":"y"}',
  ])
  await compareTables(t, db, 'products_agg', countsOf('products'))
  for (const each of [several.run, gone.run, replaced.run, made.run, run])
    await undo(each as number, { databaseUrl })
  t.same(
    await db.rows('SELECT * FROM products ORDER BY sku'),
    Array.from({ length: 10 }, (_, n) => ({ sku: `s${n}`, name: `name ${n % 3}`, description: `${n}` })),
  )
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('what changes nothing is no run', async (t) => {
  const { db, rows } = await products(t)
  const before = await db.value('SELECT max(run) FROM dasy.runs')
  const same = await rows.patch('products', ['s1'], '{"name":"name 1"}')
  t.match(same, { run: null, row: '{"sku":"s1","name":"name 1","description":"1"}' })
  t.match(await rows.put('products', ['s1'], '{"name":"name 1","description":"1","sku":"s1"}'), { run: null })
  t.match(await rows.patch('products', ['s1'], '{}'), { run: null })
  t.equal(await db.value('SELECT max(run) FROM dasy.runs'), before)
})

t.test('conditions: the row is as it was read, or not there', async (t) => {
  const { db, rows } = await products(t)
  const { etag } = await rows.get('products', ['s1'])
  const patched = await rows.patch('products', ['s1'], '{"name":"x"}', { ifMatch: `"other", ${etag}` })
  t.equal(
    (await refusal(rows.patch('products', ['s1'], '{"name":"y"}', { ifMatch: etag }))).code,
    'PRECONDITION_FAILED',
  )
  t.equal(
    (await refusal(rows.delete('products', ['s1'], { ifMatch: `W/${patched.etag}` }))).code,
    'PRECONDITION_FAILED',
  )
  t.equal((await refusal(rows.put('products', ['no'], '{}', { ifMatch: '*' }))).code, 'PRECONDITION_FAILED')
  t.equal(
    (await refusal(rows.put('products', ['s1'], '{}', { ifNoneMatch: '*' }))).code,
    'PRECONDITION_FAILED',
  )
  t.match(await rows.put('products', ['new'], '{}', { ifNoneMatch: '*' }), { made: true })
  t.match(await rows.delete('products', ['s1'], { ifMatch: '*' }), { row: null })
  t.equal((await refusal(rows.patch('products', ['no'], '{}'))).code, 'ROW_NOT_FOUND')
  t.equal((await refusal(rows.delete('products', ['no']))).code, 'ROW_NOT_FOUND')
  t.equal(await db.value(`SELECT name FROM products WHERE sku = 'new'`), null)
})

t.test('rows are inserted all, or none', async (t) => {
  const { db, rows } = await products(t)
  const refusedBy = async (body: unknown) =>
    (await refusal(rows.insert('products', typeof body === 'string' ? body : JSON.stringify(body)))).code
  t.equal(await refusedBy([{ sku: 'x' }, { sku: 's1' }]), 'KEY_EXISTS')
  t.equal(await refusedBy([{ sku: 'x' }, { sku: 'x' }]), 'KEY_EXISTS', 'twice in the request')
  t.equal(await refusedBy([{ sku: 'x' }, { name: 'y' }]), 'ROW_REFUSED', 'without its key')
  t.equal(await refusedBy([{ sku: 'x' }, { sku: null }]), 'ROW_REFUSED')
  t.equal(await refusedBy([{ sku: 'x', colour: 'red' }]), 'COLUMN_NOT_FOUND')
  t.equal(await refusedBy([{ sku: 'x', name: { a: 1 } }]), 'ROW_REFUSED')
  t.equal(await refusedBy('[{"sku":"x","name":"\\u0000"}]'), 'ROW_REFUSED')
  t.equal(await refusedBy('[{"sku":"x"},'), 'BAD_OPTION')
  t.equal(await refusedBy([]), 'BAD_OPTION')
  t.equal(await refusedBy(['x']), 'BAD_OPTION')
  t.equal(await refusedBy(Array.from({ length: 1001 }, (_, n) => ({ sku: `x${n}` }))), 'BAD_OPTION')
  t.equal(await db.value('SELECT count(*) FROM products'), 10)
  t.equal((await refusal(rows.put('products', ['a'], '{"sku":"b"}'))).code, 'ROW_REFUSED')
  const { rows: written } = await rows.insert(
    'products',
    JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ sku: `x${n}`, name: 'many' }))),
  )
  t.equal(written.length, 1000)
  t.equal(written[999], '{"sku":"x999","name":"many","description":null}')
  await compareTables(t, db, 'products_agg', countsOf('products'))
})
