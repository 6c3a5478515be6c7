import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Receiver } from '../service/receiver.js'
import { Served } from '../service/served.js'
import { hook, hurry, lines, type Made, toldExactly } from '../service/told.js'
import { file } from '../support/files.js'

t.test('every change is told once, in order, whoever made it', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks')
  const receiver = await Receiver.start(t)
  await hook(served, receiver, ['rows.changed', 'run.completed', 'run.rejected', 'run.failed'], ['products'])
  const ingest = async (text: string, ...flags: string[]): Promise<number> => {
    const result = await served.dasy('ingest', file(t, text), '--json', ...flags)
    return result.json<{ run: number }>().run
  }
  const first = await ingest(lines(0, 1500, 'first'))
  const second = await ingest(lines(1000, 2600, 'second'), '--table', 'public.products')
  const untold = await ingest(lines(0, 3, 'other'), '--table', 'others')
  const patched = await served.fetch('PATCH', '/v1/tables/products/rows/s1', { json: { name: 'patched' } })
  const row = Number(patched.headers.get('dasy-run'))
  const undone = (await served.dasy('undo', String(second), '--json')).json<{ run: number }>().run
  await served.dasy('ingest', file(t, 'sku,name\na,b,c,d,e\n'))
  const purged = (await served.json<{ run: number }>('DELETE', '/v1/tables/products/rows?confirm=products'))
    .run

  await receiver.until('all is told', () =>
    receiver.taken.some(({ type, data }) => type === 'run.completed' && data.run === purged),
  )
  await toldExactly(t, served, receiver, [first, second, row, undone, purged])
  const ends = receiver.taken.filter(({ type }) => type.startsWith('run.'))
  t.same(
    ends.map(({ type, data }) => [type, data.run, data.status]),
    [
      ['run.completed', first, 'completed'],
      ['run.completed', second, 'completed'],
      ['run.completed', row, 'completed'],
      ['run.completed', undone, 'completed'],
      ['run.rejected', undone + 1, 'rejected'],
      ['run.completed', purged, 'completed'],
    ],
  )
  t.notOk(receiver.taken.some(({ data }) => data.run === untold))
  // Its seconds are completed after the commit.
  const { seconds: _, ...receipt } = await served.json('GET', `/v1/runs/${first}`)
  t.match(ends[0]?.data, receipt, 'the receipt')
})

t.test('tables whose names have dots, quotes and capitals are told of, however they are named', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks')
  const receiver = await Receiver.start(t)
  const told = ['public."shop.eu"', '"say ""x"""', 'Goods', 'public.plain']
  await hook(served, receiver, ['rows.changed'], told)
  const source = file(t, lines(0, 1, 'first'))
  for (const table of ['"shop.eu"', 'public."say ""x"""', 'public.Goods', 'plain', 'shop', 'goods'])
    (await served.dasy('ingest', source, '--table', table)).expectStatus(0)
  await receiver.until('four are told', () => receiver.taken.length >= 4)
  t.same(receiver.taken.map(({ data }) => data.run).toSorted(), [1, 2, 3, 4])
})

t.test('one that is not taken holds the others, is tried again, and is kept', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks')
  const { db } = served
  const receiver = await Receiver.start(t)
  const { id } = await hook(served, receiver, ['rows.changed'])
  ;(await served.dasy('ingest', file(t, lines(0, 3, 'first')))).expectStatus(0)
  await receiver.until('the first load is told', () => receiver.taken.length === 1)

  const redirect = (response: ServerResponse): number => {
    response.writeHead(302, { location: receiver.url }).end()
    return 302
  }
  const breakOff = (response: ServerResponse): number => {
    response.destroy()
    return 599
  }
  const later = (response: ServerResponse): number => {
    response.writeHead(503, { 'retry-after': '1' }).end()
    return 503
  }
  const bad = [() => 500, redirect, breakOff, later]
  receiver.answer = (_, response) => bad.shift()?.(response) ?? 204
  const write = (name: string) => served.json('PATCH', '/v1/tables/products/rows/s1', { json: { name } })
  await write('one')
  await write('two')
  hurry(t, db)
  await receiver.until('all is told', () => receiver.taken.length === 3)
  const told = receiver.all.slice(1)
  t.equal(new Set(told.slice(0, 5).map((each) => each.id)).size, 1, 'the same webhook-id each time')
  t.same(
    told.slice(4).map(({ data }) => (data.changes as { new: object }[])[0]?.new),
    [{ name: 'one' }, { name: 'two' }],
  )
  const { deliveries } = await served.json<{ deliveries: { id: number; status: number }[] }>(
    'GET',
    `/v1/webhooks/${id}/deliveries`,
  )
  t.same(
    deliveries.map(({ status }) => status),
    [204, 204, 503, null, 302, 500, 204],
  )

  await served.json('POST', `/v1/webhooks/${id}/deliveries/${deliveries[1]?.id}/redeliver`, { status: 202 })
  await receiver.until('it is told once more', () => receiver.all.length === 8)
  t.equal(receiver.all[7]?.id, told[4]?.id)
  t.same(receiver.all[7]?.data, told[4]?.data)

  const { secret } = await served.json<Made>('POST', `/v1/webhooks/${id}/rotate`)
  await served.json('POST', `/v1/webhooks/${id}/test`, { status: 202 })
  await receiver.until('the test', () => receiver.all.some(({ type }) => type === 'webhook.test'))
  receiver.secrets = [secret]
  await served.json('POST', `/v1/webhooks/${id}/test`, { status: 202 })
  await receiver.until(
    'the second test',
    () => receiver.all.filter(({ type }) => type === 'webhook.test').length === 2,
  )

  receiver.answer = () => 410
  await write('three')
  await receiver.until('it is gone', () => receiver.all.at(-1)?.status === 410)
  for (;;) {
    const { disabled } = await served.json<{ disabled: string | null }>('GET', `/v1/webhooks/${id}`)
    if (disabled === null) {
      await sleep(100)
      continue
    }
    t.match(disabled, /410/)
    break
  }
  await write('four')
  t.equal(
    (await served.json<{ waiting: number }>('GET', `/v1/webhooks/${id}`)).waiting,
    1,
    'nothing more is appended',
  )
  receiver.answer = () => 204
  await served.json('POST', `/v1/webhooks/${id}/enable`)
  await receiver.until(
    'it goes on',
    () => receiver.taken.at(-1)?.status === 204 && receiver.all.at(-1)?.status === 204,
  )

  receiver.answer = () => 500
  await write('five')
  await receiver.until('it fails', () => receiver.all.at(-1)?.status === 500)
  await db.run(
    `UPDATE dasy.outbox SET next_try = now(), failing_since = now() - interval '1 day' WHERE sent_at IS NULL`,
  )
  for (;;) {
    const { disabled } = await served.json<{ disabled: string | null }>('GET', `/v1/webhooks/${id}`)
    if (disabled === null) {
      await sleep(100)
      continue
    }
    t.match(disabled, /a day/)
    break
  }
  t.equal((await served.fetch('DELETE', `/v1/webhooks/${id}`)).status, 204)
  await served.fails('GET', `/v1/webhooks/${id}`, 404, 'WEBHOOK_NOT_FOUND')
})

t.test('private addresses are refused', async (t) => {
  const served = await Served.of(t)
  const write = await served.tokenOf('write')
  const make = (url: string) => ({ json: { url, events: ['rows.changed'] } })
  for (const host of [
    '127.0.0.1',
    '[::1]',
    '10.0.0.1',
    '0x7f.1',
    '017700000001',
    '169.254.169.254',
    '[::ffff:127.0.0.1]',
  ])
    await served.fails('POST', '/v1/webhooks', 400, 'URL_NOT_ALLOWED', make(`http://${host}/`))
  await served.fails('POST', '/v1/webhooks', 400, 'BAD_OPTION', make('ftp://example.org/'))
  await served.fails('POST', '/v1/webhooks', 400, 'BAD_OPTION', make('http://u:p@example.org/'))
  await served.fails('POST', '/v1/webhooks', 403, 'FORBIDDEN', {
    token: write,
    ...make('http://example.org/'),
  })
  await served.fails('GET', '/v1/webhooks', 403, 'FORBIDDEN', { token: write })
  // A name that resolves to one is refused when it is connected to.
  const { id } = await served.json<Made>('POST', '/v1/webhooks', {
    ...make('http://localhost:9/'),
    status: 201,
  })
  await served.json('POST', `/v1/webhooks/${id}/test`, { status: 202 })
  for (;;) {
    const { deliveries } = await served.json<{ deliveries: object[] }>('GET', `/v1/webhooks/${id}/deliveries`)
    if (deliveries.length === 0) {
      await sleep(100)
      continue
    }
    t.match(deliveries[0], { status: null, error: /private/ })
    break
  }
})
