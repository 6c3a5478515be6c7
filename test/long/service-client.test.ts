import t from 'tap'
import { generatedClient } from '../service/client.js'
import { Receiver } from '../service/receiver.js'
import { Served } from '../service/served.js'

const CSV = 'sku,name\na,Ann\nb,Bob\n'

t.test('a client that is generated from the document does everything', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks')
  const { call, full } = await generatedClient(t, served)
  const receiver = await Receiver.start(t)

  const hook = { url: receiver.url, events: ['rows.changed', 'run.completed'], tables: ['products'] }
  const { id: webhook, secret } = await call<{ id: number; secret: string }>('postV1Webhooks', { body: hook })
  receiver.secrets.push(secret)

  const tus = { 'tus-resumable': '1.0.0' }
  const begun = await full.postV1Uploads?.({ headers: { ...tus, 'upload-length': `${CSV.length}` } })
  const upload = begun?.response.headers.get('location')?.split('/').at(-1) as string
  await call('patchV1UploadsById', {
    path: { id: upload },
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: CSV,
    bodySerializer: null,
  })
  t.match(await call('postV1Inspect', { body: { upload } }), { records: 2 })

  const { run } = await call<{ run: number }>('postV1Runs', { body: { upload, plan: true } })
  const events = (await full.getV1RunsByRunEvents?.({ path: { run } })) as unknown as {
    stream: AsyncIterable<unknown>
  }
  let last: unknown
  for await (const event of events.stream) last = event
  t.match(last, { run, status: 'planned' })
  t.match(await call('getV1RunsByRun', { path: { run } }), { status: 'planned', rows: { inserted: 2 } })
  t.match(await call('getV1RunsByRunChanges', { path: { run } }), /insert,a/)
  const wait = { query: { wait: 'true' } }
  t.match(await call('postV1RunsByRunApply', { path: { run }, ...wait }), { status: 'completed' })

  const key = { table: 'products', key: 'a' }
  t.same(await call('getV1TablesByTableRowsByKey', { path: key }), {
    sku: 'a',
    name: 'Ann',
    description: null,
  })
  await call('patchV1TablesByTableRowsByKey', { path: key, body: { name: 'Anna' } })
  await call('putV1TablesByTableRowsByKey', { path: { ...key, key: 'd' }, body: { name: 'Dan' } })
  const more = [{ sku: 'e' }, { sku: 'f', name: 'Fay' }]
  await call('postV1TablesByTableRows', { path: { table: 'products' }, body: more })
  await call('deleteV1TablesByTableRowsByKey', { path: { ...key, key: 'b' } })
  const listed = { path: { table: 'products' }, query: { sort: '-sku', limit: 2, 'filter[name]': 'Anna' } }
  t.match(await call('getV1TablesByTableRows', listed), { rows: [{ sku: 'a', name: 'Anna' }], cursor: null })
  t.match(await call('getV1TablesByTableRowsByKeyBlame', { path: key }), {
    changes: [{ command: 'row', old: { name: 'Ann' } }, { command: 'plan' }],
  })
  t.match(await call('getV1Tables'), { tables: [{ table: 'products' }] })
  const groups = { path: { table: 'products', column: 'name' } }
  t.match(await call('getV1TablesByTableAggregatesByColumn', groups), { groups: [{}, {}, {}, {}] })

  const file = { body: 'sku,name\na,Bad\n', bodySerializer: null, ...wait }
  const headers = { 'content-type': 'application/octet-stream', 'idempotency-key': 'once' }
  const loaded = await call<{ run: number }>('postV1Runs', { ...file, headers })
  t.match(loaded, { status: 'completed', rows: { updated: 1 } })
  t.match(await call('postV1RunsByRunUndo', { path: { run: loaded.run }, ...wait }), { command: 'undo' })
  const { runs } = await call<{ runs: object[] }>('getV1Runs', { query: { table: 'products' } })
  t.match(runs, [{ command: 'undo' }, { run: loaded.run }, { run }])

  await receiver.until('the undo is told', () =>
    receiver.taken.some(({ type, data }) => type === 'run.completed' && data.command === 'undo'),
  )
  await call('postV1WebhooksByIdTest', { path: { id: webhook } })
  await receiver.until('the test', () => receiver.taken.some(({ type }) => type === 'webhook.test'))
  const { deliveries } = await call<{ deliveries: { status: number }[] }>('getV1WebhooksByIdDeliveries', {
    path: { id: webhook },
  })
  t.equal(deliveries.length >= receiver.taken.length - 1, true)
  t.match(await call('postV1WebhooksByIdRotate', { path: { id: webhook } }), { secret: /^whsec_/ })
  await call('deleteV1WebhooksById', { path: { id: webhook } })
  t.match(await call('getV1Webhooks'), { webhooks: [] })

  const token = { name: 'shop', scope: 'read' }
  t.match(await call('postV1Tokens', { body: token }), { token: /^dasy_/ })
  await call('deleteV1TokensByName', { path: { name: 'shop' } })
  const missing = await full.getV1RunsByRun?.({ path: { run: 999 } })
  t.match(missing?.error, { code: 'RUN_NOT_FOUND', status: 404 })
})
