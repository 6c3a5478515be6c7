import t from 'tap'
import { limited } from '../../lib/source/limits.js'
import { Chunks, drain } from '../support/streams.js'

const MIB = 1024 * 1024
const limits = { maxSize: 2 ** 40, maxRatio: 1000, name: 'a.csv.gz' }

/** Blanks, MiB by MiB. */
async function* blanks(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < mebibytes; index += 1) yield Buffer.alloc(MIB, ' ')
}

async function size(text: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of text) size += chunk.length
  return size
}

t.test('text within the limits stays as it is', async (t) => {
  const text = Buffer.from('sku\n1\n')
  t.same(await drain(limited(new Chunks(text, 2), { ...limits, maxSize: 6, compressedBytes: () => 6 })), text)
})

t.test('more text than was allowed is not handed on', async (t) => {
  const seen: number[] = []
  const reading = (async () => {
    const options = { ...limits, maxSize: 3 * MIB - 1, compressedBytes: () => MIB }
    for await (const chunk of limited(blanks(10), options)) seen.push(chunk.length)
  })()
  await t.rejects(reading, {
    code: 'SOURCE_TOO_LARGE',
    message: /a\.csv\.gz/,
    hint: /--max-size/,
    details: { maxSize: 3 * MIB - 1 },
  })
  t.same(seen, [MIB, MIB])
})

t.test('growth beyond the limit is suspicious from 64 MiB on', async (t) => {
  const compressedBytes = () => 1000
  t.equal(await size(limited(blanks(63), { ...limits, compressedBytes })), 63 * MIB)
  await t.rejects(size(limited(blanks(64), { ...limits, compressedBytes })), {
    code: 'SUSPICIOUS_COMPRESSION',
    message: /a\.csv\.gz/,
    hint: /--max-ratio/,
  })
  t.equal(await size(limited(blanks(64), { ...limits, maxRatio: 70_000, compressedBytes })), 64 * MIB)
})

t.test('what ends at a limit gives back what is below', async (t) => {
  const chunks = new Chunks(Buffer.alloc(100), 10)
  await t.rejects(drain(limited(chunks, { ...limits, maxSize: 15, compressedBytes: () => 100 })))
  t.ok(chunks.returned)
})
