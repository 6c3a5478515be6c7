import t from 'tap'
import { findSet, setsOf } from '../../lib/history/change-set.js'
import { FirstLoadInverse } from '../../lib/history/first-load.js'
import { Inverse } from '../../lib/history/inverse.js'
import { relationOf, requireFirstLoad } from '../../lib/history/relation.js'
import { withTextSettings } from '../../lib/history/value-text.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { HistoryOf } from '../support/history.js'

type Tap = Parameters<typeof testDatabase>[0]

const MANY = 30_000

async function loaded(t: Tap): Promise<{ db: TestDatabase; history: HistoryOf; first: number }> {
  const db = await testDatabase(t)
  const history = await HistoryOf.open(db)
  t.teardown(() => history[Symbol.asyncDispose]())
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text, price int)')
  const rows = `SELECT 'k' || i, 'n' || i, i FROM generate_series(1, 10) AS i`
  const first = await history.run('products', `INSERT INTO products ${rows}`, { firstLoad: true })
  return { db, history, first }
}

let undos = 1_000_000

/** What stands against taking the first load back, and what is left once it is done all the same. */
async function undo({ session }: HistoryOf, run: number) {
  const set = await findSet(session, run)
  if (!set) throw new Error('no set')
  const sets = await setsOf(session, set.relation as number)
  undos += 1
  return await session.transaction(() =>
    withTextSettings(session, async () => {
      const relation = await relationOf(session, set, 'products')
      await requireFirstLoad(session, set, relation)
      const inverse = new FirstLoadInverse(session, undos, set, sets, relation)
      const { updates: _u, inserts: _i, moved: _m, ...made } = await inverse.make()
      const gone = set.inserted - made.deletes - made.conflicts - made.unaccounted
      const counts = { ...made, gone }
      const conflicts = (await inverse.conflicts(10)).map(({ key }) => key[0])
      await inverse.skipConflicts()
      await session.run('SAVEPOINT applied')
      await session.run(
        `DELETE FROM public.products AS t USING ${inverse.table.sql} AS c WHERE t.ctid = c.place`,
      )
      const left = await session.rows<{ sku: string }>('SELECT sku FROM public.products ORDER BY sku')

      await session.run('ROLLBACK TO applied')
      await inverse.drop()
      return { ...counts, named: conflicts, left: left.map(({ sku }) => sku) }
    }),
  )
}

async function takeBack(history: HistoryOf, run: number): Promise<void> {
  const { session } = history
  const set = await findSet(session, run)
  if (!set) throw new Error('no set')
  undos += 1
  const inverse = await session.transaction(() =>
    withTextSettings(session, async () => {
      const made = new Inverse(session, undos, set, await relationOf(session, set, 'products'))
      await made.make()
      return made
    }),
  )
  const table = inverse.table.sql
  await history.run(
    'products',
    `DELETE FROM products AS t USING ${table} AS c WHERE c.op = 'd' AND t.ctid = c.place;
     UPDATE products AS t SET name = c.v2, price = c.v3 FROM ${table} AS c WHERE c.op = 'u' AND t.ctid = c.place;
     INSERT INTO products SELECT c.v1, c.v2, c.v3 FROM ${table} AS c WHERE c.op = 'i'`,
  )
}

const NONE = { deletes: 10, conflicts: 0, gone: 0, unaccounted: 0, named: [], left: [] }

t.test('the rows of a first load are told by its transaction', async (t) => {
  const { db, history, first } = await loaded(t)
  t.same(await undo(history, first), NONE)
  await db.run(`INSERT INTO products VALUES ('foreign', 'x', 1)`)
  t.same(await undo(history, first), { ...NONE, left: ['foreign'] }, 'those of others stay')
  await db.run(`DELETE FROM products WHERE sku = 'k1'`)
  t.match(
    await undo(history, first),
    { deletes: 9, unaccounted: 1 },
    'nothing tells whether k1 became foreign',
  )
  await db.run(`DELETE FROM products WHERE sku = 'foreign'`)
  t.match(await undo(history, first), { ...NONE, deletes: 9, gone: 1 }, 'now it can only have been deleted')
  await db.run(`UPDATE products SET name = name WHERE sku = 'k2'`)
  t.match(await undo(history, first), { deletes: 8, unaccounted: 1, gone: 1, left: ['k2'] })
})

t.test('rows that later runs have changed are known by their history', async (t) => {
  for (const about of [1, MANY]) {
    const { db, history, first } = await loaded(t)
    const changed = await history.run(
      'products',
      `UPDATE products SET name = 'x' WHERE sku IN ('k1', 'k2'); DELETE FROM products WHERE sku = 'k3';
       INSERT INTO products VALUES ('new', NULL, NULL)`,
      { about },
    )
    const meanwhile = {
      deletes: 7,
      conflicts: 2,
      gone: 1,
      unaccounted: 0,
      named: ['k1', 'k2'],
      left: ['k1', 'k2', 'new'],
    }
    t.same(await undo(history, first), meanwhile)
    await history.run('products', `UPDATE products SET price = 7 WHERE sku = 'k2'`, { about })
    t.same(await undo(history, first), meanwhile)
    await db.run(`UPDATE products SET price = 2 WHERE sku = 'k2'`)
    t.same(await undo(history, first), meanwhile, 'another has written k2 since')
    await db.run(`UPDATE products SET name = 'n2' WHERE sku = 'k2'`)
    t.same(await undo(history, first), meanwhile, 'and what others have written is not known')
    await takeBack(history, changed)
    t.match(await undo(history, first), {
      deletes: 9,
      conflicts: 1,
      gone: 0,
      unaccounted: 0,
      named: ['k2'],
    })
  }
})

t.test('undo of the second run, then of the first, has no conflict', async (t) => {
  const { history, first } = await loaded(t)
  const second = await history.run(
    'products',
    `UPDATE products SET name = NULL; DELETE FROM products WHERE price > 5`,
  )
  const third = await history.run('products', `UPDATE products SET name = '3', price = NULL`)
  t.match(await undo(history, first), { deletes: 0, conflicts: 5, gone: 5 })
  await takeBack(history, third)
  await takeBack(history, second)
  t.same(await undo(history, first), NONE)
})

t.test('a table that was rewritten or restored is told', async (t) => {
  const { db, history, first } = await loaded(t)
  await db.run('VACUUM (FULL, FREEZE) products')
  t.same(await undo(history, first), NONE, 'VACUUM FULL keeps who wrote a row')
  await db.run('CLUSTER products USING products_pkey')
  t.same(await undo(history, first), NONE)
  await db.run('ALTER TABLE products ALTER price TYPE bigint')
  await t.rejects(undo(history, first), { code: 'HISTORY_LOST' })
  await db.run('TRUNCATE products')
  t.match(await undo(history, first), { deletes: 0, gone: 10 }, 'an empty table is no riddle')
  await db.run(`UPDATE dasy.change_sets SET written_at = written_at`)
  await t.rejects(undo(history, first), { code: 'HISTORY_LOST' }, 'the set itself was restored')
  await db.run('DROP TABLE products; CREATE TABLE products (sku text PRIMARY KEY)')
  await t.rejects(undo(history, first), { code: 'TABLE_REPLACED' })
})
