import { appendFileSync, renameSync, unlinkSync } from 'node:fs'
import t from 'tap'
import { ExactReader } from '../../lib/source/exact-reader.js'
import { FileOrigin } from '../../lib/source/origins/file.js'
import { BlockReader, openReader } from '../../lib/source/reader.js'
import { file } from '../support/files.js'

async function locationOf(path: string) {
  await using origin = await FileOrigin.open('a.csv', path)
  return { path, name: 'a.csv', stated: origin.identity }
}

t.test('a range of a file', async (t) => {
  const reader = openReader(await locationOf(file(t, 'abcdef', 'a.csv')))
  t.teardown(() => reader.close())
  const into = Buffer.alloc(4)
  t.equal(reader.read(into, 1), 4)
  t.equal(`${into}`, 'bcde')
  t.equal(reader.read(into, 4), 2, 'fewer bytes at the end')
  t.equal(reader.read(into, 9), 0)
})

t.test('another file at the path of the source is an error', async (t) => {
  const path = file(t, 'abcdef', 'a.csv')
  const location = await locationOf(path)
  renameSync(file(t, 'abcdef', 'b.csv'), path)
  t.throws(() => openReader(location), { code: 'SOURCE_CHANGED' })
  unlinkSync(path)
  t.throws(() => openReader(location), { code: 'FILE_UNREADABLE', details: { file: 'a.csv' } })
})

t.test('a longer file is another file', async (t) => {
  const path = file(t, 'abcdef', 'a.csv')
  const location = await locationOf(path)
  appendFileSync(path, 'g')
  t.throws(() => openReader(location), { code: 'SOURCE_CHANGED' })
})

t.test('a block is read by offsets of its source', async (t) => {
  const reader = new BlockReader(Buffer.from('cdef'), 2)
  const into = Buffer.alloc(3)
  t.equal(reader.read(into, 3), 3)
  t.equal(`${into}`, 'def')
  t.equal(reader.read(into, 5), 1)
})

t.test('missing bytes mean that the source has changed', async (t) => {
  const { read } = new ExactReader(new BlockReader(Buffer.from('cdef'), 2), 'a.csv')
  const into = Buffer.alloc(4)
  read(into, 2)
  t.equal(`${into}`, 'cdef')
  t.throws(() => read(into, 3), { code: 'SOURCE_CHANGED', message: /a\.csv .* ends at byte 6/ })
})
