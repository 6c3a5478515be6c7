import { readdirSync } from 'node:fs'
import t from 'tap'
import { DistinctKeys } from '../../lib/inspect/distinct.js'
import { HASH_WORDS, hash128 } from '../../lib/inspect/hash.js'
import { folder } from '../support/files.js'

function hashOf(text: string): Uint32Array {
  const bytes = Buffer.from(`-${text}-`)
  const hash = new Uint32Array(HASH_WORDS)
  hash128(bytes, 1, bytes.length - 1, hash)
  return hash
}

const hex = (text: string): string =>
  [...hashOf(text)].map((each) => each.toString(16).padStart(8, '0')).join('')

t.test('the hash is that of other programs', async (t) => {
  t.equal(hex(''), '0'.repeat(32))
  t.equal(hex('The quick brown fox jumps over the lazy dog'), '2f1583c3ecee2c675d7bf66ce5e91d2c')
})

t.test('texts that are nearly alike have other hashes', async (t) => {
  const texts = Array.from({ length: 40 }, (_, length) => ['\0'.repeat(length), 'a'.repeat(length)]).flat()
  t.equal(new Set(texts.map(hex)).size, new Set(texts).size)
})

t.test(
  'as many keys are counted as there are, with and without room in memory, and nothing is left',
  async (t) => {
    const temporary = folder(t)
    process.env.TMPDIR = temporary
    let pauses = 0
    const pause = async (): Promise<void> => void pauses++
    // The last one has no room for a partition either: that is partitioned once more.
    for (const room of [1_000_000, 10_000, 100]) {
      const keys = new DistinctKeys(room)
      const known: number[] = []
      for (let n = 0; n < 30_000; n += 1) {
        const first = keys.add(hashOf(`key ${n % 20_000}`), n + 1)
        if (n >= 20_000) known.push(first)
      }
      const inMemory = known.filter((first, index) => first === index + 1).length
      t.equal(
        inMemory,
        Math.min(room, 10_000),
        `room for ${room}: the first places of those in memory are known`,
      )
      t.equal(known.filter((first) => first === 0).length, 10_000 - inMemory, 'and of no others')
      t.same(readdirSync(temporary), [], 'the temporary file has no name')
      t.equal(await keys.count(pause), 20_000, `room for ${room}`)
      keys.close()
    }
    t.ok(pauses >= 3 * 64, 'others get their turn between partitions')
  },
)
