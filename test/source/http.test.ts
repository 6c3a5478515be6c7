/** What HttpOrigin makes of servers that take ranges, and of those that do not. Without a database. */
import t from 'tap'
import { type Behaviour, serve, times } from '../support/http-server.js'
import { settled } from '../support/streams.js'
import { allOf, content, opened, sameBytes } from './http-fixtures.js'

const KIB = 1024
const MIB = 1024 * KIB
/** More than fits in what is fetched ahead. */
const LARGE = content(31 * MIB + 12_345)
/** A few chunks. */
const SMALL = LARGE.subarray(0, 9 * MIB + 7)

t.test('ranges are fetched ahead and come in order, none of them twice', async (t) => {
  const server = await serve(t, LARGE)
  const origin = await opened(t, server)
  t.match(origin, { kind: 'http', size: LARGE.length, repeatable: true, name: server.url, path: server.url })
  t.same(origin.identity, { etag: '"1"', lastModified: null, size: LARGE.length })
  sameBytes(t, await allOf(origin.stream()), LARGE)
  await origin.verifyUnchanged()
  t.equal(server.bytesSent, LARGE.length)
  t.equal(server.bytesRepeated, 0)
  t.ok(server.requests.length > 5, 'it is more than fits in the window')
  t.ok(
    server.requests.every(({ headers }) => headers['accept-encoding'] === 'identity'),
    'nothing is to be compressed on the way',
  )
})

const HEAD = 256 * KIB
const CHUNK = 4 * MIB
for (const size of [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + CHUNK - 1, HEAD + CHUNK, HEAD + CHUNK + 1]) {
  t.test(`a content of ${size} bytes`, async (t) => {
    for (const ranges of [true, false]) {
      const server = await serve(t, LARGE.subarray(0, size), { ranges })
      const origin = await opened(t, server)
      t.equal(origin.size, size)
      sameBytes(t, await allOf(origin.stream()), LARGE.subarray(0, size))
      t.equal(server.bytesSent, size)
    }
  })
}

t.test('a look at the beginning costs nothing, however often', async (t) => {
  const server = await serve(t, SMALL)
  const origin = await opened(t, server)
  for (let look = 0; look < 3; look++) {
    for await (const chunk of origin.stream()) {
      t.ok(chunk.length > 64 * KIB)
      chunk.fill(0) // it is ours
      break
    }
  }
  sameBytes(t, await allOf(origin.stream()), SMALL)
  t.equal(server.bytesSent, SMALL.length)
})

t.test('any part can be read where ranges are taken', async (t) => {
  const server = await serve(t, SMALL)
  const { readAt } = await opened(t, server)
  if (!readAt) return t.fail('it can be read anywhere')
  for (const [offset, length] of [
    [0, 10],
    [HEAD - 5, 10],
    [HEAD, 1],
    [3_000_000, 5_000_000],
    [SMALL.length - 22, 22],
    [SMALL.length - 22, 500],
    [SMALL.length, 5],
    [SMALL.length + 100, 5],
    [0, SMALL.length],
  ] as const) {
    const into = new Uint8Array(length)
    const wanted = SMALL.subarray(offset, offset + length)
    t.equal(await readAt(into, offset), wanted.length, `${length} bytes at ${offset}`)
    sameBytes(t, into.subarray(0, wanted.length), wanted)
  }
})

t.test('a server without ranges is read in one stream', async (t) => {
  for (const behaviour of [{ length: true }, { length: false }]) {
    const server = await serve(t, SMALL, { ranges: false, ...behaviour })
    const origin = await opened(t, server)
    t.equal(origin.size, behaviour.length ? SMALL.length : undefined)
    t.equal(origin.readAt, undefined)
    sameBytes(t, await allOf(origin.stream()), SMALL)
    t.equal(server.requests.length, 1)
    sameBytes(t, await allOf(origin.stream()), SMALL)
    t.equal(server.requests.length, 2, 'it can be asked again')
  }
})

t.test('nothing is fetched that nobody asks for', async (t) => {
  for (const ranges of [true, false]) {
    const server = await serve(t, LARGE, { ranges })
    const origin = await opened(t, server)
    const chunks = origin.stream()
    for (let taken = 0; taken < 2; taken++) await chunks.next()
    const sent = await settled(() => server.bytesSent)
    t.ok(sent < 20 * MIB, 'it waits for the consumer', { sent })
    await chunks.return(undefined)
    const sentInAll = await settled(() => server.bytesSent)
    t.ok(sentInAll < 20 * MIB, 'nor when the consumer has gone', { sentInAll })
  }
})

t.test('several ranges are on their way at once, as soon as it goes on', async (t) => {
  const server = await serve(t, LARGE, { drip: { bytes: 64 * KIB, everyMs: 1 } })
  const origin = await opened(t, server)
  const chunks = origin.stream()
  await chunks.next()
  await chunks.next()
  t.equal(server.requests.length, 2, 'one where only the beginning is looked at')
  await chunks.next()
  await chunks.next()
  await chunks.next()
  t.ok(server.requests.length > 5, 'more than were taken')
  await chunks.return(undefined)
})

t.test('what breaks off is gone on with at the byte where it stopped', async (t) => {
  const notes: string[] = []
  const cuts = times(7, 1_000_003)
  const server = await serve(t, LARGE, { cut: ({ from }) => (from > 0 ? cuts() : undefined) })
  const origin = await opened(t, server, { note: (line) => notes.push(line) })
  sameBytes(t, await allOf(origin.stream()), LARGE)
  t.equal(server.bytesSent, LARGE.length)
  t.equal(server.bytesRepeated, 0)
  t.match(notes[0], /data\.csv cannot be read at byte \d+: .+; retrying/)
})

t.test('so is the first answer, cut at its first byte or later', async (t) => {
  for (const after of [0, 1, 100_000]) {
    const server = await serve(t, SMALL, { cut: times(2, after) })
    const origin = await opened(t, server)
    sameBytes(t, await allOf(origin.stream()), SMALL)
    t.equal(server.bytesRepeated, 0)
  }
})

t.test('a stream without ranges that breaks says how far it came', async (t) => {
  for (const length of [true, false]) {
    const server = await serve(t, SMALL, { ranges: false, length, cut: () => 5_000_000 })
    const origin = await opened(t, server)
    await t.rejects(allOf(origin.stream()), {
      code: 'READ_FAILED',
      message: /broke off at byte 5000000 .*does not support ranges/,
      details: { byte: 5_000_000 },
    })
  }
})

t.test('a stream without ranges that breaks before its first byte is asked for again', async (t) => {
  const server = await serve(t, SMALL, { ranges: false, cut: times(2, 0) })
  const origin = await opened(t, server)
  sameBytes(t, await allOf(origin.stream()), SMALL)
  t.equal(server.requests.length, 3)
})

const CHANGES: Record<string, [before: Behaviour, after: Behaviour, size: number]> = {
  'another ETag, which the server compares': [{}, { etag: '"2"' }, SMALL.length],
  'another ETag, which we compare': [{ conditions: false }, { etag: '"2"' }, SMALL.length],
  'another weak ETag': [{ etag: 'W/"1"' }, { etag: 'W/"2"' }, SMALL.length],
  'the same weak ETag and another time': [
    { etag: 'W/"1"', lastModified: 'Sat, 01 Aug 2026 10:00:00 GMT' },
    { lastModified: 'Sat, 01 Aug 2026 10:00:01 GMT' },
    SMALL.length,
  ],
  'another time': [
    { etag: null, lastModified: 'Sat, 01 Aug 2026 10:00:00 GMT' },
    { lastModified: 'Sat, 01 Aug 2026 10:00:01 GMT' },
    SMALL.length,
  ],
  'another size': [{ etag: null }, {}, SMALL.length + 1],
  'a smaller size': [{ etag: null }, {}, 1000],
}
for (const [name, [before, after, size]] of Object.entries(CHANGES)) {
  for (const ranges of [true, false]) {
    t.test(
      `a change half way is noticed by ${name}${ranges ? '' : ', where all of it is sent'}`,
      async (t) => {
        const server = await serve(t, SMALL, { ...before })
        const origin = await opened(t, server)
        const chunks = origin.stream()
        await chunks.next()
        server.change(LARGE.subarray(0, size), { ...after, ranges })
        await t.rejects(allOf(chunks), { code: 'SOURCE_CHANGED', details: { file: server.url } })
      },
    )
  }
}

t.test('a change between two streams is noticed where there are no ranges', async (t) => {
  const server = await serve(t, SMALL, { ranges: false })
  const origin = await opened(t, server)
  await allOf(origin.stream())
  server.change(Buffer.alloc(SMALL.length), { etag: '"2"' })
  await t.rejects(allOf(origin.stream()), { code: 'SOURCE_CHANGED' })
})

t.test('ranges that are shorter than asked for are pieced together', async (t) => {
  const server = await serve(t, LARGE, { longest: 100_000 })
  const origin = await opened(t, server)
  sameBytes(t, await allOf(origin.stream()), LARGE)
  t.equal(server.bytesRepeated, 0)
})

t.test('ranges that are others than asked for are not believed', async (t) => {
  const atOnce = await serve(t, LARGE, { shift: 1 })
  const whole = await opened(t, atOnce)
  t.equal(whole.readAt, undefined)
  sameBytes(t, await allOf(whole.stream()), LARGE)

  for (const shift of [-1, 1]) {
    const later = await serve(t, LARGE)
    const origin = await opened(t, later)
    later.change(LARGE, { shift })
    await t.rejects(allOf(origin.stream()), { code: 'READ_FAILED', details: { byte: HEAD } })
  }
})

t.test('a range without a byte in it is none', async (t) => {
  const server = await serve(t, LARGE)
  const origin = await opened(t, server)
  server.change(LARGE, { longest: 0 })
  await t.rejects(allOf(origin.stream()), { code: 'READ_FAILED', details: { byte: HEAD } })
})

t.test('a server that takes ranges no more is not believed either', async (t) => {
  const server = await serve(t, LARGE)
  const origin = await opened(t, server)
  server.change(LARGE, { ranges: false })
  await t.rejects(allOf(origin.stream()), { code: 'READ_FAILED', details: { byte: HEAD } })
})
