import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { COMMAND } from '../support/cli.js'
import { apply, ingest, plan } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** Whoever applies a plan, or plans it again, is killed: later and later, until one gets to its end. */

/** Enough that their changes have a table of their own. */
const ROWS = 26_000
/** From kill to kill. */
const STEP = 1.25
const content = (value: string) =>
  `sku,name\n${Array.from({ length: ROWS }, (_, i) => `k${i},${value}${i % 7}`).join('\n')}\n`

/** @returns whether it ended by itself, which must be well */
async function killedAfter(ms: number, args: readonly string[], url: string): Promise<boolean> {
  const child = spawn('env', [...COMMAND, ...args], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: 'ignore',
  })
  const ended = new Promise<boolean>((resolve, reject) =>
    child.on('exit', (status, signal) => {
      if (status !== 0 && signal === null)
        reject(new Error(`dasy ${args.join(' ')} ended with status ${status}`))
      resolve(signal === null)
    }),
  )
  await Promise.race([ended, sleep(ms)])
  child.kill('SIGKILL')
  return await ended
}

const changed = (db: TestDatabase, run: number) =>
  db.value<number>(`SELECT count(*) FROM dasy.changes_${run}`)

const state = (db: TestDatabase) =>
  db.value<string>(`SELECT string_agg(DISTINCT left(name, 1), ',') FROM products`)

t.test('apply', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, content('x')), options)
  for (const [value, sql] of [
    ['y', 'SELECT 1'],
    ['z', `ALTER TABLE products ADD CHECK (name <> 'q')`],
  ] as const) {
    await db.run(sql)
    const before = await state(db)
    const { run } = await plan(file(t, content(value)), options)
    let ms = 100
    while (!(await killedAfter(ms, ['apply', `${run}`, '-q'], db.url))) {
      await db.lastingStrangers()
      const outcome = await db.value('SELECT outcome FROM dasy.runs WHERE run = $1', [run])
      const now = await state(db)
      t.equal(outcome, now === before ? 'planned' : 'completed', `killed after ${ms} ms`)
      t.equal(await changed(db, run), ROWS, 'its changes are there, once')
      ms *= STEP
    }
    t.match(await apply(run, options), { run, status: 'completed', rows: { updated: ROWS } })
    t.equal(await state(db), value)
    t.equal(await changed(db, run), ROWS)
    const view = await db.value('SELECT sum(no_of_products)::bigint FROM products_agg')
    t.equal(view, ROWS)
  }
})

t.test('plan and replan', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, content('x')), options)
  await db.run(`ALTER TABLE products ADD CHECK (name <> 'q')`)
  const { run } = await plan(file(t, content('y')), options)
  let ms = 100
  while (!(await killedAfter(ms, ['apply', `${run}`, '--replan', '-q'], db.url))) {
    await db.lastingStrangers()
    t.equal(
      await db.value('SELECT outcome FROM dasy.runs WHERE run = $1', [run]),
      'planned',
      `after ${ms} ms`,
    )
    t.equal(await changed(db, run), ROWS)
    ms *= STEP
  }
  const source = file(t, content('z'))
  for (ms = 100; !(await killedAfter(ms, ['plan', source, '-q'], db.url)); ms *= STEP) {
    await db.lastingStrangers()
    t.equal(await state(db), 'x', `after ${ms} ms`)
  }
  t.match(await apply(run, options), { status: 'completed', rows: { updated: ROWS } })
  t.equal(await state(db), 'y')
  const own = await db.value(
    `SELECT count(*) FROM pg_class WHERE relname ~ '^changes_\\d+$' AND relkind = 'r'`,
  )
  const heads = await db.value(`SELECT count(*) FROM dasy.change_sets WHERE kind = 'own'`)
  t.equal(own, heads, 'no changes are left without their head')
})
