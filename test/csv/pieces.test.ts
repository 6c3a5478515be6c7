/** Records between two places of a source, read again in pieces: the same whatever the size of a piece. */
import t from 'tap'
import { KEPT_OF_TOO_LONG, piecesBetween } from '../../lib/csv/pieces.js'
import { recordsBetween } from '../../lib/csv/records.js'

const TEXT = Buffer.from('k,v\na,1\n\nb,"2\n"\r\n"c"x,3\nd,4')
const start = { offset: 4, line: 2 }
const options = {
  dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false },
  maxRecord: 1000,
  columns: 2,
}

const reading = (text: Buffer) => (into: Uint8Array, offset: number) => {
  text.copy(into, 0, offset, offset + into.length)
}

t.test('pieces are whole records, one after the other', async (t) => {
  for (let size = 1; size < TEXT.length; size++) {
    let [bytes, records, at] = ['', 0, start.offset]
    for (const piece of piecesBetween(start, TEXT.length, { ...options, size, read: reading(TEXT) })) {
      t.equal(piece.start.offset, at, `begins where the one before ends (${size})`)
      bytes += piece.bytes.toString()
      records += piece.records
      at = piece.next.offset
    }
    t.equal(bytes, TEXT.subarray(start.offset).toString())
    t.equal(records, 4)
  }
})

t.test('records come one by one, with their place and what is wrong', async (t) => {
  const records = [...recordsBetween(start, TEXT.length, { ...options, read: reading(TEXT) })].map(
    ({ byte, line, bytes, complete, fault }) => [byte, line, bytes.toString(), complete, fault],
  )
  t.strictSame(records, [
    [4, 2, 'a,1', true, undefined],
    [9, 4, 'b,"2\n"', true, undefined],
    [17, 6, '"c"x,3', true, 'unescaped quote'],
    [24, 7, 'd,4', true, undefined],
  ])
})

t.test('of a record that is too long the beginning is kept, and the next is found', async (t) => {
  for (const [length, complete] of [
    [KEPT_OF_TOO_LONG - 2, true],
    [KEPT_OF_TOO_LONG - 1, false],
    [3_000_000, false],
  ] as const) {
    for (const lineEnd of ['\n', '\r\n']) {
      const text = Buffer.from(`a,1\nb,${'x'.repeat(length)}${lineEnd}c,3\n`)
      const read = reading(text)
      const found = recordsBetween({ offset: 0, line: 1 }, text.length, { ...options, read })
      const kept = Math.min(length + 2, KEPT_OF_TOO_LONG)
      t.strictSame(
        [...found].map(({ line, bytes, complete, fault }) => [line, bytes.length, complete, fault]),
        [
          [1, 3, true, undefined],
          [2, kept, complete, 'record too long'],
          [3, 3, true, undefined],
        ],
        `${length} ${JSON.stringify(lineEnd)}`,
      )
    }
  }
})
