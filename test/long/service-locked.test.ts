import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'
import { file } from '../support/files.js'

/** A table that somebody else has locked: a request waits for it for as long as the service does, and is told to come again. */

/** Only there to end what hangs. The service waits for 30 seconds. */
const LIMIT_MS = 180_000

t.test('a table that stays locked', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  ;(await served.dasy('ingest', file(t, 'sku,name\na,Ann\nb,Bob\n'))).expectStatus(0)
  ;(await served.dasy('ingest', file(t, 'sku,name\na,Ann\n'), '--table', 'others')).expectStatus(0)
  const rows = '/v1/tables/products/rows'
  // What has been read before is kept prepared, and takes another way.
  await served.json('GET', `${rows}/a`)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE')

  const ask = (method: string, path: string, json?: unknown) =>
    served.fetch(method, path, { signal: AbortSignal.timeout(LIMIT_MS), ...(json !== undefined && { json }) })
  const waiting = [
    ask('GET', rows),
    ask('GET', `${rows}/a`),
    ask('GET', `${rows}/a/blame`),
    ask('PATCH', `${rows}/a`, { name: 'Amy' }),
    ask('PUT', `${rows}/b`, { name: 'Bea' }),
    ask('POST', rows, { sku: 'c' }),
    ask('DELETE', `${rows}/b`),
    ask('DELETE', `${rows}?confirm=products`),
    ask('GET', '/v1/runs/1/changes'),
  ]
  // What needs no more than its name, or another table, does not wait for it.
  const others = [
    '/v1/runs',
    '/v1/runs/1',
    '/v1/tables',
    '/v1/tables/products/aggregates/name',
    '/v1/tables/others/rows',
    '/readyz',
  ]
  for (const path of others) t.equal((await ask('GET', path)).status, 200, path)
  t.equal((await ask('POST', '/v1/runs/1/undo')).status, 202, 'a run waits in the queue')

  const codes: string[] = []
  for (const answer of await Promise.all(waiting)) {
    const said = (await answer.json()) as { code: string }
    const line = new URL(answer.url).pathname
    t.equal(answer.status, 503, line)
    t.match(answer.headers.get('retry-after'), /^\d+$/, line)
    // Of six writes one waits without a session.
    t.match(said, { code: /^(LOCK_TIMEOUT|SERVER_BUSY)$/ }, line)
    codes.push(said.code)
  }
  t.ok(codes.filter((code) => code === 'LOCK_TIMEOUT').length >= 8, 'the others wait for the lock', { codes })
  await holder.query('ROLLBACK')
  t.match(await served.json('POST', '/v1/runs?wait=true', { body: 'sku,name\na,Amy\n' }), {
    status: 'completed',
  })
  const { runs } = await served.json<{ runs: { command: string; status: string }[] }>('GET', '/v1/runs')
  t.ok(
    runs.some(({ command, status }) => command === 'undo' && status === 'completed'),
    'then the undo is done',
  )
  t.same((await served.json<{ rows: object[] }>('GET', rows)).rows, [
    { sku: 'a', name: 'Amy', description: null },
  ])
})

t.test('a service that is stopped while a table is locked', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  ;(await served.dasy('ingest', file(t, 'sku,name\na,Ann\n'))).expectStatus(0)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE')
  const path = '/v1/tables/products/rows/a'
  const asked = Array.from({ length: 12 }, (_, n) => [
    served.fetch('GET', path),
    served.fetch('PATCH', path, { json: { name: `${n}` } }),
  ]).flat()
  const ended = Promise.allSettled(asked)
  const waiting = `SELECT count(*)::int FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'dasy serve' AND wait_event_type = 'Lock'`
  while ((await db.value(waiting)) !== 10) await sleep(20)
  t.match(await served.stop(), { status: 0 })
  await ended
  t.same(await db.lastingStrangers(), [], 'no session is left')
  await holder.query('COMMIT')
  t.equal(await db.value(`SELECT name FROM products WHERE sku = 'a'`), 'Ann', 'nothing was written')
})
