import t from 'tap'
import { KEPT_OF_TOO_LONG, piecesBetween } from '../../lib/csv/pieces.js'
import { recordsBetween } from '../../lib/csv/records.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

function optionsFor(source: Buffer, maxRecord = 1000) {
  const read = (into: Uint8Array, offset: number): void => {
    into.set(source.subarray(offset, offset + into.length))
  }
  return { dialect, columns: 2, maxRecord, read }
}

const start = { offset: 0, line: 1 }
const ROWS = Array.from({ length: 50 }, (_, n) => (n % 7 === 3 ? `${n},"a\n${n}"\r\n` : `${n},x\r\n`))

t.test('pieces are all bytes between two boundaries, in order, cut at records', async (t) => {
  const source = Buffer.from(ROWS.join(''))
  for (const size of [1, 10, 100, 10_000]) {
    const pieces = []
    for (const piece of piecesBetween(start, source.length, { ...optionsFor(source), size }))
      pieces.push({ ...piece, bytes: `${piece.bytes}` })
    t.equal(pieces.map(({ bytes }) => bytes).join(''), `${source}`, `of ${size} bytes`)
    t.ok(
      pieces.every(({ bytes }) => bytes.endsWith('\r\n')),
      'each ends with a record',
    )
    t.ok(
      pieces.slice(0, -1).every(({ bytes }) => bytes.length >= size),
      'each but the last has the least size',
    )
    t.equal(
      pieces.reduce((sum, { records }) => sum + records, 0),
      ROWS.length,
    )
  }
})

t.test('a piece in the middle of a source has the offsets and lines of the source', async (t) => {
  const source = Buffer.from(ROWS.join(''))
  const offset = ROWS.slice(0, 4).join('').length
  const [piece] = piecesBetween({ offset, line: 6 }, source.length, { ...optionsFor(source), size: 1 })
  t.match(piece, { start: { offset, line: 6 }, next: { offset: offset + 5, line: 7 }, records: 1 })
})

t.test('records are read one by one, without their line ends and blank lines', async (t) => {
  const source = Buffer.from('1,a\n\n2,"b\nc"\r\n,\n3,d"\r4')
  const records = []
  for (const { byte, line, bytes, fault, complete } of recordsBetween(
    start,
    source.length,
    optionsFor(source),
  ))
    records.push([byte, line, `${bytes}`, fault, complete])
  t.strictSame(records, [
    [0, 1, '1,a', undefined, true],
    [5, 3, '2,"b\nc"', undefined, true],
    [16, 6, '3,d"', 'stray quote', true],
    [21, 7, '4', undefined, true],
  ])
})

t.test('a record that is too long is a piece of its own, of which the beginning is kept', async (t) => {
  for (const length of [150_000, 700_000]) {
    const long = 'x'.repeat(length)
    const source = Buffer.from(`1,a\n2,${long}\n3,c\n`)
    const records = []
    for (const { line, bytes, fault, complete } of recordsBetween(
      start,
      source.length,
      optionsFor(source, 100),
    ))
      records.push([line, bytes.length, fault, complete])
    t.strictSame(
      records,
      [
        [1, 3, undefined, true],
        [2, KEPT_OF_TOO_LONG, 'record too long', false],
        [3, 3, undefined, true],
      ],
      `${length} bytes`,
    )
  }
})

t.test('a record that is too long, but not longer than what is kept, is complete', async (t) => {
  const source = Buffer.from(`1,${'x'.repeat(200)}\r\n2,b\n`)
  const [first] = recordsBetween(start, source.length, optionsFor(source, 100))
  t.match(first, { fault: 'record too long', complete: true })
  t.equal(first?.bytes.length, 202)
})

t.test('a record that is larger than a chunk is one piece', async (t) => {
  const source = Buffer.from(`1,"${'y\n'.repeat(300_000)}"\n2,b\n`)
  const options = { ...optionsFor(source, 10_000_000), size: 1 }
  const lengths = [...piecesBetween(start, source.length, options)].map(({ next }) => next.line)
  t.strictSame(lengths, [300_002, 300_003])
})
