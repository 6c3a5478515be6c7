import type pg from 'pg'
import t, { type Test } from 'tap'
import { update } from '../support/compiled.js'
import type { TestDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertCounted, products } from './products.js'

const HEADER = 'sku,name,description\n'

/** The same numbers for the same seed (mulberry32), so that a failure can be looked at again. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides)
  }
}

type OnConflict = 'NOTHING' | 'UPDATE SET name = excluded.name'

/**
 * A statement that writes several rows. Each session has keys of its own, so only the names, which all share, can
 * make sessions wait for each other.
 */
function randomStatement(session: number, roll: (sides: number) => number, onConflict: OnConflict): string {
  const name = () => (roll(9) === 0 ? 'NULL' : `'name ${roll(8)}'`)
  const sku = () => `'${session}-${roll(40)}'`
  const skus = () => Array.from({ length: 1 + roll(6) }, sku).join(', ')
  switch (roll(4)) {
    case 0:
      return `DELETE FROM products WHERE sku IN (${skus()})`
    case 1:
      return `UPDATE products SET name = ${name()} WHERE sku IN (${skus()})`
    default: {
      const rows = new Map(Array.from({ length: 1 + roll(6) }, () => [sku(), name()]))
      const values = [...rows].map(([key, value]) => `(${key}, ${value})`).join(', ')
      return `INSERT INTO products (sku, name) VALUES ${values}
                  ON CONFLICT (sku) DO ${onConflict}`
    }
  }
}

function clients(db: TestDatabase, count: number): Promise<pg.Client[]> {
  return Promise.all(Array.from({ length: count }, () => db.client()))
}

/** Several sessions at once, each statement a transaction of its own. */
async function writeAtOnce(t: Test, db: TestDatabase, onConflict: OnConflict): Promise<void> {
  const sessions = await clients(db, 6)
  let statements = 0
  await Promise.all(
    sessions.map(async (client, session) => {
      const roll = dice(session + 1)
      for (let count = 0; count < 100; count++) {
        await client.query(randomStatement(session, roll, onConflict))
        statements++
      }
    }),
  )
  t.equal(statements, 600, 'every statement succeeds')
  t.ok(Number(await db.value('SELECT count(*) FROM products')) > 100)
  await assertCounted(t, db)
}

t.test('concurrent statements neither deadlock nor miscount', async (t) => {
  await writeAtOnce(t, await products(t), 'NOTHING')
})

// One statement that fires two triggers, the one for what it inserts and the one for what it updates.
t.test('concurrent upserts neither deadlock nor miscount', async (t) => {
  await writeAtOnce(t, await products(t), 'UPDATE SET name = excluded.name')
})

t.test('concurrent statements and runs of dasy neither deadlock nor miscount', async (t) => {
  const db = await products(t)
  const sessions = await clients(db, 3)
  // Names that the sessions use too, and the keys of two of them.
  const edition = (number: number) => {
    const records = Array.from(
      { length: 400 },
      (_, index) => `${index % 2}-${index >> 1},name ${(index * number) % 8},`,
    )
    return file(t, HEADER + records.join('\n'))
  }
  const editions = [1, 3, 5, 7].map(edition)
  let running = true
  let meanwhile = 0
  const writers = sessions.map(async (client, session) => {
    const roll = dice(100 + session)
    while (running) {
      await client.query(randomStatement(session, roll, 'NOTHING'))
      meanwhile++
    }
  })
  const loads = (async () => {
    try {
      for (const source of editions) await update(source, { databaseUrl: db.url, workers: 1 })
    } finally {
      running = false
    }
  })()
  await Promise.all([loads, ...writers])
  t.ok(meanwhile > 50, `${meanwhile} statements meanwhile`)
  await assertCounted(t, db)
  await assertNothingLeft(t, db)
})
