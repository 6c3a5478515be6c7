import t from 'tap'
import { ByteReader } from '../../lib/source/compressed/byte-reader.js'
import { Corruption } from '../../lib/source/compressed/corruption.js'
import { Chunks } from '../support/streams.js'

const reader = (text: string, size: number): ByteReader =>
  new ByteReader(new Chunks(Buffer.from(text), size)[Symbol.asyncIterator]())

for (const size of [1, 2, 3, 100]) {
  t.test(`an exact number of bytes, in chunks of ${size}`, async (t) => {
    const bytes = reader('abcdefgh', size)
    t.equal(`${Buffer.from(await bytes.take(3))}`, 'abc')
    await bytes.pass(2)
    t.equal((await bytes.take(0)).length, 0)
    t.equal(`${Buffer.from(await bytes.take(3))}`, 'fgh')
    t.equal(bytes.taken, 8)
    t.ok(await bytes.isAtEnd())
  })
}

t.test('too few bytes are a corruption', async (t) => {
  await t.rejects(reader('abc', 2).take(4), Corruption)
  await t.rejects(reader('abc', 2).pass(4), Corruption)
  t.notOk(await reader('abc', 2).isAtEnd())
})
