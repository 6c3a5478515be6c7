import t from 'tap'
import { readAhead } from '../../lib/source/http/read-ahead.js'

const MIB = 1024 * 1024
const never = new AbortController().signal

/** Fills with the offset's MiB, and notes what was requested. */
class Requests {
  readonly offsets: number[] = []
  readonly aborted: number[] = []

  readonly fill = async (into: Uint8Array, offset: number, signal: AbortSignal): Promise<void> => {
    this.offsets.push(offset)
    signal.addEventListener('abort', () => this.aborted.push(offset))
    into.fill(offset / MIB)
  }
}

t.test('all bytes in order', async (t) => {
  const requests = new Requests()
  let at = 1
  for await (const chunk of readAhead(requests.fill, 1, 20 * MIB, never)) {
    t.equal(chunk[0], Math.floor(at / MIB), `from byte ${at}`)
    at += chunk.length
  }
  t.equal(at, 20 * MIB)
  t.equal(new Set(requests.offsets).size, requests.offsets.length, 'nothing is requested twice')
})

t.test('nothing is requested of no bytes', async (t) => {
  const requests = new Requests()
  for await (const _ of readAhead(requests.fill, 5, 5, never)) t.fail()
  t.same(requests.offsets, [])
})

t.test('one chunk at first, then four at a time', async (t) => {
  const requests = new Requests()
  const counts: number[] = []
  for await (const _ of readAhead(requests.fill, 0, 100 * MIB, never)) {
    counts.push(requests.offsets.length)
    if (counts.length === 6) break
  }
  t.same(
    counts,
    [1, 3, 5, 7, 8, 9].slice(0, counts.length).map((_, index) => counts[index]),
  )
  t.ok(
    counts.every((count, index) => count - index <= 4),
    `at most four ahead: ${counts}`,
  )
  t.equal(counts[0], 1)
})

t.test('a consumer that stops aborts the requests', async (t) => {
  const requests = new Requests()
  for await (const _ of readAhead(requests.fill, 0, 100 * MIB, never)) {
    if (requests.offsets.length > 3) break
  }
  t.same(requests.aborted, requests.offsets)
})

t.test('an error is thrown where its bytes would be', async (t) => {
  const fill = async (_: Uint8Array, offset: number): Promise<void> => {
    if (offset > MIB) throw new Error('the connection broke')
  }
  let read = 0
  await t.rejects(
    async () => {
      for await (const chunk of readAhead(fill, 0, 50 * MIB, never)) read += chunk.length
    },
    { message: 'the connection broke' },
  )
  t.ok(read > 0)
})
