import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'

const CSV = 'sku,name\na,Ann\nb,Bob\n'

t.test('a request with an Idempotency-Key makes one run', async (t) => {
  const served = await Served.of(t)
  const headers = { 'idempotency-key': 'order 1' }
  const first = await served.json('POST', '/v1/runs', { body: CSV, headers, status: 202 })
  t.match(first, { run: 1 })
  t.same(await served.json('POST', '/v1/runs', { body: CSV, headers, status: 202 }), first)
  t.match(await served.json('POST', '/v1/runs?wait=true', { body: CSV, headers }), {
    run: 1,
    status: 'completed',
  })
  const other = await served.fails('POST', '/v1/runs', 422, 'IDEMPOTENCY_KEY_REUSED', {
    body: `${CSV}c,Cid\n`,
    headers,
  })
  t.equal(other.run, 1)
  await served.fails('POST', '/v1/runs?table=x', 422, 'IDEMPOTENCY_KEY_REUSED', { body: CSV, headers })
  const token = await served.tokenOf('write')
  t.match(
    await served.json('POST', '/v1/runs', { body: CSV, headers, token, status: 202 }),
    { run: 2 },
    'of another token',
  )
  await served.stop()
  await served.start()
  t.match(
    await served.json('POST', '/v1/runs', { body: CSV, headers, status: 202 }),
    { run: 1 },
    'after a restart',
  )
  await served.db.run(`UPDATE dasy.requests SET made_at = now() - interval '25 hours'`)
  t.match(
    await served.json('POST', '/v1/runs', { body: CSV, headers, status: 202 }),
    { run: 3 },
    'after a day',
  )
  await served.fails('POST', '/v1/runs', 400, 'BAD_OPTION', {
    body: CSV,
    headers: { 'idempotency-key': 'x'.repeat(300) },
  })

  const [client, key] = [await served.db.client(), { 'idempotency-key': 'held' }]
  await served.json('GET', '/v1/runs/3')
  await client.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const held = served.json('POST', '/v1/runs?wait=true', { body: 'sku,name\nh,Hal\n', headers: key })
  let isThere = false
  while (!isThere) {
    await sleep(50)
    isThere = await served.db.value('SELECT EXISTS (SELECT FROM dasy.runs WHERE run = 4)')
  }
  await served.fails('POST', '/v1/runs', 409, 'IDEMPOTENCY_KEY_IN_FLIGHT', {
    body: 'sku,name\nh,Hal\n',
    headers: key,
  })
  await client.query('COMMIT')
  t.match(await held, { run: 4, status: 'completed' })
  t.equal(await served.db.value('SELECT count(*) FROM dasy.runs'), 4)
})
