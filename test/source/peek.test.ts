import t from 'tap'
import { Peekable } from '../../lib/source/peek.js'
import { breaking, Chunks, drain } from '../support/streams.js'

const BYTES = Buffer.from('sku,name\n1,one\n2,two\n')

for (const size of [1, 2, 3, 7, 100]) {
  t.test(`what was looked at is still there, in chunks of ${size}`, async (t) => {
    const peekable = new Peekable(new Chunks(BYTES, size))
    for (const length of [0, 1, 8, 3, 14]) {
      const head = await peekable.peek(length)
      t.ok(head.length >= length)
      t.same(Buffer.from(head), BYTES.subarray(0, head.length))
    }
    t.same(await drain(peekable), BYTES)
  })
}

t.test('no more is read than is looked at', async (t) => {
  const chunks = new Chunks(BYTES, 4)
  await new Peekable(chunks).peek(9)
  t.equal(chunks.taken, 3)
})

t.test('beyond the end there is nothing more', async (t) => {
  const peekable = new Peekable(new Chunks(BYTES, 4))
  t.same(Buffer.from(await peekable.peek(1000)), BYTES)
  t.same(Buffer.from(await peekable.peek(2000)), BYTES)
  t.same(await drain(peekable), BYTES)
  t.equal((await new Peekable(new Chunks(Buffer.alloc(0))).peek(1)).length, 0)
})

t.test('whoever stops early gives back what is below', async (t) => {
  const chunks = new Chunks(BYTES, 4)
  const peekable = new Peekable(chunks)
  await peekable.peek(1)
  for await (const chunk of peekable) {
    t.same(Buffer.from(chunk), BYTES.subarray(0, 4))
    break
  }
  t.ok(chunks.returned)
})

t.test('whoever only looks can give it back as well', async (t) => {
  const chunks = new Chunks(BYTES, 4)
  const peekable = new Peekable(chunks)
  await peekable.peek(1)
  await peekable.close()
  t.ok(chunks.returned)
  t.equal(chunks.taken, 1)
})

t.test('an error below is told to whoever looks and to whoever takes', async (t) => {
  const error = new Error('broken')
  await t.rejects(new Peekable(breaking(BYTES, error)).peek(1000), error)
  await t.rejects(drain(new Peekable(breaking(BYTES, error))), error)
})
