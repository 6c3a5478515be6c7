import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'

const CSV = 'sku,name\na,Ann\nb,Bob\n'

interface Receipt {
  readonly run: number
  readonly status: string
  readonly rows: Record<string, number>
}

t.test('runs are listed, by pages and filters', async (t) => {
  const served = await Served.of(t)
  for (const table of ['a', 'b', 'a'])
    await served.json('POST', `/v1/runs?wait=true&table=${table}`, { body: CSV })
  await served.fails('POST', '/v1/runs?wait=true&table=a', 422, 'TOO_MANY_REJECTS', { body: 'sku,name\nx\n' })
  const numbers = async (query: string) => {
    const { runs, cursor } = await served.json<{ runs: Receipt[]; cursor: number | null }>(
      'GET',
      `/v1/runs${query}`,
    )
    return [...runs.map(({ run }) => run), cursor]
  }
  t.same(await numbers(''), [4, 3, 2, 1, null])
  t.same(await numbers('?limit=2'), [4, 3, 3])
  t.same(await numbers('?limit=2&cursor=3'), [2, 1, null])
  t.same(await numbers('?table=a'), [4, 3, 1, null])
  t.same(await numbers('?status=rejected'), [4, null])
  t.same(await numbers('?status=completed&table=b'), [2, null])
  t.same(await served.json('GET', '/v1/runs/4'), (await served.dasy('runs', '4', '--json')).json())
  await served.fails('GET', '/v1/runs/99', 404, 'RUN_NOT_FOUND')
  await served.fails('GET', '/v1/runs/x', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/runs?status=odd', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/runs?limit=100000', 400, 'BAD_OPTION')
})

t.test('rejects and changes, as CSV or as JSON lines', async (t) => {
  const served = await Served.of(t)
  const body = 'sku,name\na,Ann\n"b,Bob\nc\n'
  await served.json('POST', '/v1/runs?wait=true&maxRejects=9', { body })
  const get = async (path: string, accept?: string) => {
    const response = await served.fetch('GET', path, { headers: accept ? { accept } : {} })
    return { type: response.headers.get('content-type'), text: await response.text() }
  }
  for (const what of ['rejects', 'changes']) {
    const csv = (await served.dasy(what, '1', ...(what === 'changes' ? ['--csv'] : []))).stdout
    const lines = (await served.dasy(what, '1', '--json')).stdout
    const path = `/v1/runs/1/${what}`
    t.ok(lines.split('\n').length > 1)
    for (const accept of ['', '*/*', 'text/csv', 'text/csv, application/x-ndjson;q=0.5', 'image/png'])
      t.match(await get(path, accept), { type: /^text\/csv/, text: csv }, accept)
    for (const accept of ['application/x-ndjson', 'text/csv;q=0.1,application/x-ndjson', 'application/*'])
      t.match(await get(path, accept), { type: /^application\/x-ndjson/, text: lines }, accept)
    await served.fails('GET', `/v1/runs/9/${what}`, 404, 'RUN_NOT_FOUND')
  }
  t.match((await get('/v1/runs/1/changes?op=delete')).text, /^op,sku,column,old,new\n$/)
  await served.fails('GET', '/v1/runs/1/changes?op=odd', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/runs/1/rejects?source=none', 404, 'SOURCE_NOT_FOUND')
  await served.json('POST', '/v1/runs?wait=true&history=false', { body: 'sku,name\na,Other\n' })
  await served.fails('GET', '/v1/runs/2/changes', 409, 'NO_HISTORY')
})

t.test('plan, apply, undo, resume and cancel go through the queue', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  const post = (path: string, json?: unknown) =>
    served.json<Receipt>('POST', path, json === undefined ? {} : { json })
  t.match(await served.json('POST', '/v1/runs?wait=true&plan=true', { body: CSV }), {
    run: 1,
    status: 'planned',
  })
  t.equal(await db.value("SELECT to_regclass('products')"), null)
  t.match(await post('/v1/runs/1/apply?wait=true'), { run: 1, status: 'completed', rows: { inserted: 2 } })
  const undo = await served.fetch('POST', '/v1/runs/1/undo')
  t.match([undo.status, undo.headers.get('location')], [202, '/v1/runs/2'])
  t.same(await undo.json(), { run: 2, status: 'queued' })
  await served.json('POST', '/v1/runs?wait=true', { body: CSV })
  t.match(await served.json('GET', '/v1/runs/2'), { command: 'undo', status: 'completed' })
  await served.fails('POST', '/v1/runs/1/undo', 409, 'ALREADY_UNDONE')

  await db.run(`UPDATE products SET name = 'Other' WHERE sku = 'a'`)
  const conflict = await served.fails('POST', '/v1/runs/3/undo?wait=true', 409, 'UNDO_CONFLICTS')
  t.match(conflict, { runStatus: 'rejected', run: 4 })
  t.match(await post('/v1/runs/4/resume?wait=true', { skipConflicts: true }), {
    run: 4,
    rows: { deleted: 1 },
  })

  await served.fails('POST', '/v1/runs?wait=true', 422, 'TOO_MANY_REJECTS', { body: 'sku,name\nq,Quin\nx\n' })
  await served.fails('POST', '/v1/runs/5/resume?wait=true', 422, 'TOO_MANY_REJECTS')
  t.match(await post('/v1/runs/5/resume?wait=true', { maxRejects: 1 }), {
    run: 5,
    rows: { inserted: 1, rejected: 1 },
  })
  await served.fails('POST', '/v1/runs/5/cancel', 409, 'NOTHING_TO_CANCEL')
  await served.fails('POST', '/v1/runs/99/apply', 404, 'RUN_NOT_FOUND')
  await served.fails('POST', '/v1/runs/5/resume', 400, 'USAGE', { json: { workers: 1 } })

  const client = await db.client()
  await client.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const waiting = served.fails('POST', '/v1/runs?wait=true', 409, 'CANCELLED_BY_USER', {
    body: 'sku,name\nw,W\n',
  })
  for (;;) {
    const held = await db.value<boolean>(
      `SELECT EXISTS (SELECT FROM dasy.runs WHERE run = 6 AND state = 'merging')`,
    )
    if (held) break
    await sleep(50)
  }
  const cancelled = await served.fetch('POST', '/v1/runs/6/cancel')
  t.equal(cancelled.status, 202)
  t.same(await cancelled.json(), { run: 6, status: 'interrupted' })
  await waiting
  await client.query('COMMIT')
})
