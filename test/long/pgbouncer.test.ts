import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { aggregate, ingest, migrateUp, resume, showRuns } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { generatedProducts } from '../support/files.js'
import { assertProductsLoaded } from '../support/oracle.js'
import { hasPgBouncer, type PoolOptions, pgBouncer } from '../support/pgbouncer.js'

/** Only there to end what hangs. */
const PATIENCE_MS = 30_000

const skip = hasPgBouncer ? false : 'pgbouncer is not installed'

/** Between two statements others get the backend; also where there is only one, so that nobody sees two. */
const SHARING: PoolOptions[] = [
  { mode: 'transaction', size: 1 },
  { mode: 'transaction', size: 4 },
  { mode: 'statement', size: 1 },
  { mode: 'statement', size: 4 },
]

for (const options of SHARING) {
  t.test(`a pool is refused: ${describe(options)}`, { skip }, async (t) => {
    const db = await testDatabase(t)
    const databaseUrl = await pgBouncer(t, db, options)
    const before = await settingsOf(databaseUrl)
    const calls: [string, () => Promise<unknown>][] = [
      ['ingest', () => ingest(generatedProducts(t, 100), { databaseUrl })],
      ['migrate', () => migrateUp({ databaseUrl })],
      ['runs', () => showRuns({ databaseUrl }, undefined, undefined)],
      ['resume', () => resume(1, { databaseUrl })],
      ['aggregate', () => aggregate('products', 'name', { databaseUrl })],
    ]
    for (const [name, call] of calls) {
      const error = await failure(t, call())
      t.match(error, { code: 'POOLED_CONNECTION', exitStatus: 4 }, name)
      t.match(error.hint, /directly.*pool_mode = session/)
    }
    t.equal(await db.value(`SELECT count(*) FROM pg_namespace WHERE nspname = 'dasy'`), 0, 'nothing was made')
    t.same(await settingsOf(databaseUrl), before, 'the backends of others are as they were')
    await endBackends(db)
  })
}

t.test('a pool is refused that always gives the next client another backend', { skip }, async (t) => {
  const db = await testDatabase(t)
  const more = ['server_round_robin = 1']
  const databaseUrl = await pgBouncer(t, db, { mode: 'transaction', size: 4, more })
  const others = await Promise.all([1, 2, 3, 4].map(() => connected(databaseUrl)))
  // At the same time, so that each gets its own.
  await Promise.all(others.map((other) => other.query('SELECT pg_sleep(0.5)')))
  t.match(await failure(t, migrateUp({ databaseUrl })), { code: 'POOLED_CONNECTION', exitStatus: 4 })
  await Promise.all(others.map((other) => other.end()))
  await endBackends(db)
})

for (const size of [1, 2, 20]) {
  const options: PoolOptions = { mode: 'session', size }
  t.test(`a pool works: ${describe(options)}`, { skip }, async (t) => {
    const db = await testDatabase(t)
    const databaseUrl = await pgBouncer(t, db, options)
    t.same(await showRuns({ databaseUrl }, undefined, undefined), [], 'one connection is enough to look')
    await migrateUp({ databaseUrl })
    if (size > 1) {
      const source = generatedProducts(t, 5000)
      await ingest(source, { databaseUrl, workers: 2 })
      await assertProductsLoaded(t, db, source)
      const abort = new AbortController()
      const blocker = await db.client()
      await blocker.query('BEGIN; LOCK TABLE products IN SHARE MODE')
      const run = failure(t, ingest(generatedProducts(t, 6000), { databaseUrl, signal: abort.signal }))
      await waiting(db)
      abort.abort()
      t.match(await run, { code: 'INTERRUPTED' }, 'the right backend is cancelled')
      await blocker.query('ROLLBACK')
    }
    t.equal(await lastingLocks(db), 0, 'no lock stays')
    await endBackends(db)
  })
}

/** How many locks stay. The pool resets a backend when its client is gone already, so that takes a moment. */
async function lastingLocks(db: TestDatabase): Promise<number> {
  const locks =
    "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database WHERE locktype = 'advisory' AND datname = current_database()"
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const count = await db.value<number>(locks)
    if (count === 0 || Date.now() > deadline) return count
  }
}

function describe({ mode, size, more = [] }: PoolOptions): string {
  return [`pool_mode = ${mode}`, `${size} connections`, ...more].join(', ')
}

/** What the pool's backends are set to, as the next client meets them. */
async function settingsOf(url: string): Promise<unknown> {
  const client = await connected(url)
  const { rows } = await client.query(
    `SELECT name, setting FROM pg_settings WHERE source = 'session' AND name <> 'application_name' ORDER BY name`,
  )
  await client.end()
  return rows
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the pool may have been ended
  await client.connect()
  return client
}

async function waiting(db: TestDatabase): Promise<void> {
  const text = `SELECT EXISTS (SELECT FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock')`
  while (!(await db.value(text))) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Those that the pool keeps for its next client are nobody's when the test ends. */
async function endBackends(db: TestDatabase): Promise<void> {
  await db.value(`
    SELECT count(pg_terminate_backend(pid, 5000))
      FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
}
