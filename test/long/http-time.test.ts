/** How long HttpOrigin waits for a server, and how soon it ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { allOf, content, opened, sameBytes } from '../source/http-fixtures.js'
import { serve, times } from '../support/http-server.js'

const CONTENT = content(9 * 1024 * 1024 + 7)
const impatient = { retryMs: 0 }

t.test('a server that falls silent', async (t) => {
  const silence = { answerMs: 300, pieceMs: 300 }
  const dumb = await serve(t, CONTENT, { instead: () => 'silence' })
  await t.rejects(opened(t, dumb, { silence, ...impatient }), {
    code: 'FILE_UNREACHABLE',
    details: { errno: 'ETIMEDOUT' },
  })
  const stalls = times(3, 100_000)
  const server = await serve(t, CONTENT, { stall: stalls })
  // Longer than this busy process may be silent itself: what it has not read by then is asked for again.
  const origin = await opened(t, server, { silence: { answerMs: 5000, pieceMs: 3000 } })
  sameBytes(t, await allOf(origin.stream()), CONTENT)
  t.equal(server.bytesRepeated, 0)

  const stream = await serve(t, CONTENT, { ranges: false, stall: () => 100_000 })
  const whole = await opened(t, stream, { silence })
  await t.rejects(allOf(whole.stream()), {
    code: 'READ_FAILED',
    details: { errno: 'ETIMEDOUT', byte: 100_000 },
  })
})

t.test('a server that is slow is not silent, and a consumer may take its time', async (t) => {
  const silence = { answerMs: 60_000, pieceMs: 2000 }
  const short = CONTENT.subarray(0, 20)
  const slow = await serve(t, short, { ranges: false, drip: { bytes: 2, everyMs: 250 } })
  const origin = await opened(t, slow, { silence })
  sameBytes(t, await allOf(origin.stream()), short)

  for (const ranges of [true, false]) {
    const server = await serve(t, CONTENT, { ranges })
    const origin = await opened(t, server, { silence })
    const taken: Uint8Array[] = []
    for await (const chunk of origin.stream()) {
      if (taken.push(chunk) < 2) await sleep(2500)
    }
    sameBytes(t, Buffer.concat(taken), CONTENT)
  }
})

t.test('a signal ends everything at once, and nothing stays open', async (t) => {
  for (const behaviour of [
    {},
    { ranges: false },
    { stall: () => 300_000 },
    { instead: () => 'silence' as const },
  ]) {
    const server = await serve(t, CONTENT, behaviour)
    const interruption = new AbortController()
    const reading = (async () => {
      const origin = await opened(t, server, { signal: interruption.signal })
      for await (const _ of origin.stream()) await sleep(5)
      // It has been read before it was called off.
      await sleep(1000, undefined, { signal: interruption.signal }).catch(({ cause }) => {
        throw cause
      })
    })()
    await sleep(100)
    interruption.abort(new Error('enough'))
    await t.rejects(reading, { message: /enough/ })
  }
})

t.test('no connection is left by an origin that is closed', async (t) => {
  for (const ranges of [true, false]) {
    const server = await serve(t, CONTENT, { ranges })
    const origin = await opened(t, server)
    await origin.stream().next()
    t.ok((await server.connections()) > 0)
    await origin.close()
    while ((await server.connections()) > 0) await sleep(10)
  }
})

t.test('patience ends', async (t) => {
  const server = await serve(t, CONTENT, { instead: () => ({ status: 503 }) })
  const began = performance.now()
  await t.rejects(opened(t, server, { retryMs: 500 }), { code: 'HTTP_STATUS' })
  t.ok(performance.now() - began >= 500)
  t.ok(server.requests.length > 1)
})

t.test('a server says when to come back', async (t) => {
  for (const after of [() => '1', () => new Date(Date.now() + 2000).toUTCString()]) {
    const asked: number[] = []
    const instead = () => {
      const isFirst = asked.push(performance.now()) === 1
      return isFirst ? { status: 503, headers: { 'Retry-After': after() } } : undefined
    }
    await opened(t, await serve(t, CONTENT, { instead }))
    const [first = 0, second = 0] = asked
    t.ok(second - first > 700, 'it does not come back sooner', { waited: second - first })
  }
  const server = await serve(t, CONTENT, {
    instead: () => ({ status: 503, headers: { 'Retry-After': '3600' } }),
  })
  await t.rejects(opened(t, server), { code: 'HTTP_STATUS', details: { status: 503 } })
  t.equal(server.requests.length, 1, 'nobody waits for longer than there is patience')
})

t.test('a connection that the server gave up while it was idle is not a failure', async (t) => {
  const server = await serve(t, CONTENT, { instead: ({ nth }) => (nth === 2 ? 'reset' : undefined) })
  const origin = await opened(t, server, impatient)
  sameBytes(t, await allOf(origin.stream()), CONTENT)
})

t.test('a connection that breaks before an answer is asked for anew', async (t) => {
  const server = await serve(t, CONTENT, { instead: times(2, 'reset') })
  sameBytes(t, await allOf((await opened(t, server)).stream()), CONTENT)
  await t.rejects(opened(t, await serve(t, CONTENT, { instead: () => 'reset' }), impatient), {
    code: 'FILE_UNREACHABLE',
    details: { errno: 'ECONNRESET' },
  })
})
