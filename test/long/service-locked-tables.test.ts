import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'
import { file } from '../support/files.js'

/** Requests about tables that somebody else has locked wait, and all others are answered meanwhile. */

/** Only there to end what hangs. */
const LIMIT_MS = 180_000
/** More than there are sessions. */
const MANY = 12

/** A request that waits for a lock, and what became of it. */
class Asked {
  #status: number | undefined
  readonly status: Promise<number>

  constructor(served: Served, method: string, path: string, json?: unknown) {
    const signal = AbortSignal.timeout(LIMIT_MS)
    this.status = served
      .fetch(method, path, { signal, ...(json !== undefined && { json }) })
      .then(async (answer) => {
        await answer.text()
        this.#status = answer.status
        return answer.status
      })
  }

  get isAnswered(): boolean {
    return this.#status !== undefined
  }
}

async function load(t: Parameters<typeof file>[0], served: Served, ...tables: string[]): Promise<void> {
  for (const table of tables) {
    const flags = ['--table', table, '--key', 'sku']
    ;(await served.dasy('ingest', file(t, 'sku,name\na,Ann\nb,Bob\n'), ...flags)).expectStatus(0)
  }
}

const WAITING = `
  SELECT count(*)::int FROM pg_stat_activity
   WHERE datname = current_database() AND application_name = 'dasy serve' AND wait_event_type = 'Lock'`

/** Until so many sessions of the service wait for locks. */
async function untilWaiting({ db }: Served, sessions: number): Promise<void> {
  while ((await db.value(WAITING)) !== sessions) await sleep(20)
}

/** That another table can be read and written, and all be done that needs no table: at once, because locks are waited for 30 seconds. */
async function othersAreServed(served: Served, table: string): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const rows = `/v1/tables/${table}/rows`
  const read = async (path: string): Promise<void> => {
    served.t.equal((await served.fetch('GET', path, { signal })).status, 200, path)
  }
  await Promise.all([
    ...[rows, `${rows}/a`, `${rows}/a/blame`, `/v1/tables/${table}/aggregates/name`, '/v1/tables'].map(read),
    ...['/v1/runs', '/v1/runs/1', '/v1/runs/1/rejects', '/healthz', '/readyz', '/metrics'].map(read),
    served.json('PATCH', `${rows}/a`, { json: { name: 'Amy' }, signal }),
    served.json('PUT', `${rows}/c`, { json: { name: 'Cy' }, status: 201, signal }),
    served.json('DELETE', `${rows}/b`, { status: 204, signal }),
    served.json('POST', rows, { json: { sku: 'd' }, status: 201, signal }),
    served.json('DELETE', `${rows}?confirm=${table}&filter[sku]=none`, { signal }),
    served.json('POST', `/v1/runs?key=sku&table=${table}`, {
      body: 'sku,name\ne,Eve\n',
      status: 202,
      signal,
    }),
  ])
}

/** That no session of the service is within a transaction. */
async function nothingIsLeft({ t, db }: Served): Promise<void> {
  const open = `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'dasy serve'
                   AND datname = current_database() AND xact_start IS NOT NULL`
  t.equal(await db.value(open), 0, 'no transaction is open')
}

t.test('a table that is locked for all', async (t) => {
  const served = await Served.of(t)
  await load(t, served, 'products', 'others')
  ;(await served.dasy('aggregate', 'others', 'name')).expectStatus(0)
  const holder = await served.db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE')
  const rows = '/v1/tables/products/rows'
  const reads = Array.from({ length: MANY }, () => new Asked(served, 'GET', rows))
  const writes = Array.from({ length: MANY }, (_, n) => [
    new Asked(served, 'PATCH', `${rows}/a`, { name: `${n}` }),
    new Asked(served, 'PUT', `${rows}/n${n}`, { name: 'new' }),
    new Asked(served, 'GET', `${rows}/a/blame`),
    new Asked(served, 'POST', rows, { sku: `p${n}` }),
    new Asked(served, 'DELETE', `${rows}/none`),
    new Asked(served, 'DELETE', `${rows}?confirm=products&filter[sku]=none`),
  ])
  await untilWaiting(served, 10)
  await othersAreServed(served, 'others')
  const all = [...reads, ...writes.flat()]
  t.equal(all.filter(({ isAnswered }) => isAnswered).length, 0, 'those that wait still do')
  await holder.query('COMMIT')
  t.same(new Set(await Promise.all(reads.map(({ status }) => status))), new Set([200]))
  for (const each of writes)
    t.same(await Promise.all(each.map(({ status }) => status)), [200, 201, 200, 201, 404, 200])
  const written = `SELECT count(*)::int FROM products WHERE sku ~ '^[np][0-9]+$'`
  t.equal(await served.db.value(written), 2 * MANY, 'each write was done once')
  await nothingIsLeft(served)
})

t.test('several tables that are locked at once', async (t) => {
  const served = await Served.of(t)
  const locked = ['t1', 't2', 't3', 't4', 't5']
  await load(t, served, ...locked, 'others')
  ;(await served.dasy('aggregate', 'others', 'name')).expectStatus(0)
  const holder = await served.db.client()
  await holder.query(`BEGIN; LOCK TABLE ${locked.join(', ')} IN ACCESS EXCLUSIVE MODE`)
  const all = locked.flatMap((table) =>
    Array.from({ length: MANY }, () => [
      new Asked(served, 'GET', `/v1/tables/${table}/rows/a`),
      new Asked(served, 'PATCH', `/v1/tables/${table}/rows/a`, { name: 'Amy' }),
    ]).flat(),
  )
  while ((await served.db.value<number>(WAITING)) < 10) await sleep(20)
  await othersAreServed(served, 'others')
  t.equal(all.filter(({ isAnswered }) => isAnswered).length, 0, 'those that wait still do')
  await holder.query('COMMIT')
  t.same(new Set(await Promise.all(all.map(({ status }) => status))), new Set([200]))
  await nothingIsLeft(served)
})

t.test('a row that is locked', async (t) => {
  const served = await Served.of(t)
  await load(t, served, 'products', 'others')
  ;(await served.dasy('aggregate', 'others', 'name')).expectStatus(0)
  const holder = await served.db.client()
  await holder.query(`BEGIN; SELECT FROM products WHERE sku = 'a' FOR UPDATE`)
  const path = '/v1/tables/products/rows/a'
  const writes = Array.from({ length: MANY }, (_, n) => new Asked(served, 'PATCH', path, { name: `${n}` }))
  await untilWaiting(served, 5)
  t.match(await served.json('GET', path), { name: 'Ann' }, 'it can be read')
  await othersAreServed(served, 'others')
  t.equal(writes.filter(({ isAnswered }) => isAnswered).length, 0, 'those that wait still do')
  await holder.query('COMMIT')
  t.same(new Set(await Promise.all(writes.map(({ status }) => status))), new Set([200]))
  await nothingIsLeft(served)
})
