import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'
import { CliProcess } from '../support/cli-process.js'
import { file } from '../support/files.js'

interface Event {
  readonly id: string
  readonly event: string
  readonly data: Record<string, unknown>
}

/** Reads events until the answer ends, or until one of these has come. */
async function* eventsOf(served: Served, path: string, lastId?: string): AsyncGenerator<Event> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const response = await served.fetch('GET', path, { headers })
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  served.t.match(response.headers.get('content-type'), /^text\/event-stream/)
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)))
      if (fields.event) yield { id: fields.id, event: fields.event, data: JSON.parse(fields.data) }
    }
  }
}

async function all(events: AsyncIterable<Event>): Promise<Event[]> {
  const found: Event[] = []
  for await (const event of events) found.push(event)
  return found
}

/** Keeps every run from publishing into products, which is there. */
async function hold(served: Served): Promise<() => Promise<void>> {
  await served.json('POST', '/v1/runs?wait=true', { body: 'sku,name\na,Ann\n' })
  const client = await served.db.client()
  await client.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  return async () => {
    await client.query('COMMIT')
  }
}

async function untilState(served: Served, run: number, state: string): Promise<void> {
  const text = 'SELECT EXISTS (SELECT FROM dasy.runs WHERE run = $1 AND state = $2)'
  while (!(await served.db.value<boolean>(text, [run, state]))) await sleep(20)
}

t.test('a run that has ended tells its end, and that is all', async (t) => {
  const served = await Served.of(t)
  await served.json('POST', '/v1/runs?wait=true', { body: 'sku,name\na,Ann\n' })
  await served.fails('POST', '/v1/runs?wait=true', 422, 'TOO_MANY_REJECTS', { body: 'sku,name\na\n' })
  const [receipt, ...more] = await all(eventsOf(served, '/v1/runs/1/events'))
  t.match(receipt, { event: 'receipt', data: await served.json('GET', '/v1/runs/1') })
  t.same(more, [])
  const [failed] = await all(eventsOf(served, '/v1/runs/2/events'))
  t.match(failed, { event: 'failed', data: { status: 'rejected', error: { code: 'TOO_MANY_REJECTS' } } })
  const seen = { headers: { 'last-event-id': receipt?.id as string } }
  t.equal((await served.fetch('GET', '/v1/runs/1/events', seen)).status, 204, 'nothing comes any more')
  await served.fails('GET', '/v1/runs/9/events', 404, 'RUN_NOT_FOUND')
})

t.test('many listen to a run, one goes on where it was, and one reads nothing', async (t) => {
  const served = await Served.of(t)
  const release = await hold(served)
  await served.json('POST', '/v1/runs', { body: 'sku,name\nb,Bob\n', status: 202 })
  await untilState(served, 2, 'merging')
  const path = '/v1/runs/2/events'
  const deaf = await served.fetch('GET', path)
  const listeners = Array.from({ length: 30 }, () => all(eventsOf(served, path)))
  const [first] = await (async () => {
    for await (const event of eventsOf(served, path)) return [event]
    return []
  })()
  t.match(first, { event: 'phase', data: { phase: 'merge' } })
  const again = all(eventsOf(served, path, first?.id))
  const odd = all(eventsOf(served, path, 'no id of ours'))
  await sleep(1000)
  await release()
  for (const events of await Promise.all(listeners)) {
    t.match(events, [
      { event: 'phase', data: { phase: 'merge' } },
      { event: 'receipt', data: { run: 2 } },
    ])
    t.equal(events.length, 2)
  }
  t.match((await again).map(({ event }) => event).join(), 'receipt')
  t.match((await odd).map(({ event }) => event).join(), 'phase,receipt')
  await deaf.body?.cancel()
})

t.test('events go on when the service was stopped, or killed, and runs as well', async (t) => {
  const served = await Served.of(t)
  const release = await hold(served)
  await served.json('POST', '/v1/runs', { body: 'sku,name\nb,Bob\n', status: 202 })
  await untilState(served, 2, 'merging')
  const path = '/v1/runs/2/events'
  const before = all(eventsOf(served, path))
  await sleep(800)
  const stopped = await served.stop()
  t.equal(stopped?.status, 0)
  const [phase, ...others] = await before
  t.match(phase, { event: 'phase', data: { phase: 'merge' } })
  t.same(others, [], 'no end was told')
  await served.start()
  await untilState(served, 2, 'merging')
  await served.stop('SIGKILL')
  await served.start()
  const after = all(eventsOf(served, path, phase?.id))
  await release()
  const events = await after
  t.match(events.at(-1), { event: 'receipt', data: { run: 2, status: 'completed', rows: { inserted: 1 } } })
})

t.test('the events of a run that another process has at work, from waiting to its end', async (t) => {
  const served = await Served.of(t, '--no-work')
  const rows = Array.from({ length: 200_000 }, (_, n) => `${n},name of ${n}\n`).join('')
  await served.json('POST', '/v1/runs', { body: `sku,name\n${rows}`, status: 202 })
  const events = all(eventsOf(served, '/v1/runs/1/events'))
  await sleep(1000)
  const worker = CliProcess.start(t, ['work', '--once', '--json'], { env: served.env, cwd: served.cwd })
  t.equal((await worker.ended).status, 0)
  const told = await events
  t.match(told[0], { event: 'phase', data: { phase: 'queued' } })
  t.match(told.at(-1), { event: 'receipt', data: { rows: { inserted: 200_000 } } })
  for (const { event, data } of told) {
    if (event !== 'progress') continue
    t.ok(Number(data.bytes) <= Number(data.totalBytes) && Number(data.records) <= 200_000)
    t.same(Object.keys(data), ['bytes', 'totalBytes', 'records', 'perSecond', 'secondsLeft'])
  }
  t.equal(new Set(told.map(({ id }) => id)).size, told.length, 'each id once')
})

t.test('a run of the command line is followed like any other', async (t) => {
  const served = await Served.of(t)
  const release = await hold(served)
  const ingest = CliProcess.start(t, ['ingest', file(t, 'sku,name\nc,Cid\n')], { env: served.env })
  await ingest.until(
    'it has its run',
    async () => (await served.db.value<number>('SELECT max(run) FROM dasy.runs')) === 2,
  )
  await untilState(served, 2, 'merging')
  const events = all(eventsOf(served, '/v1/runs/2/events'))
  await sleep(700)
  await ingest.interrupt()
  t.match((await events).at(-1), { event: 'failed', data: { status: 'interrupted' } })
  await release()
})

t.test('who may no longer read is told nothing more', async (t) => {
  const served = await Served.of(t)
  const release = await hold(served)
  const token = await served.tokenOf('read')
  const { run } = await served.json<{ run: number }>('POST', '/v1/runs', {
    body: 'sku,name\na,Bob\n',
    status: 202,
  })
  const listening = await served.fetch('GET', `/v1/runs/${run}/events`, { token })
  t.equal(listening.status, 200)
  await served.json('DELETE', '/v1/tokens/read')
  const told = await listening.text()
  t.notMatch(told, /event: (receipt|failed)/, 'it ends before the run does')
  await release()
  t.match((await all(eventsOf(served, `/v1/runs/${run}/events`))).at(-1), { event: 'receipt' })
})
