import t from 'tap'
import { UTF8 } from '../../lib/csv/encoding.js'
import type { RecordFormat } from '../../lib/csv/format.js'
import { piecesBetween } from '../../lib/csv/pieces.js'
import { RecordClassifier } from '../../lib/csv/record-classifier.js'

const FORMAT: RecordFormat = {
  dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false },
  encoding: UTF8,
  nullWord: undefined,
  lenientQuotes: false,
  maxRecord: 1000,
  columns: 2,
  surplus: 0,
}

/** The parts and the rejects of a text, read as one piece. */
function classify(text: string | Buffer, format: Partial<RecordFormat> = {}, textEnds = 0) {
  const source = Buffer.from(text)
  const all = { ...FORMAT, ...format }
  const classifier = new RecordClassifier(all, 7)
  const read = (into: Uint8Array, offset: number): void => {
    into.set(source.subarray(offset, offset + into.length))
  }
  const parts: string[] = []
  for (const piece of piecesBetween({ offset: 0, line: 1 }, source.length, { ...all, read, size: 10_000 }))
    for (const part of classifier.sort(piece, textEnds)) parts.push(part.text.toString('latin1'))
  return { parts, rejects: classifier.takeRejects(), classifier }
}

t.test('a piece without a bad record is one part, unchanged', async (t) => {
  const text = '1,a\n2,"b\nc"\n3,\n'
  t.strictSame(classify(text).parts, [text])
})

t.test('otherwise each good record is a part', async (t) => {
  const { parts, rejects } = classify('1,a\n2\n3,c\n')
  t.strictSame(parts, ['1,a', '3,c'])
  t.match(rejects, [{ source: 7, byte: 4, line: 2, reason: 'too few fields: 1 of 2', complete: true }])
  t.equal(`${rejects[0]?.record}`, '2')
})

const REASONS: [name: string, text: string | Buffer, reason: RegExp][] = [
  ['too many fields', '1,a,b\n', /^too many fields: 3 for 2 columns$/],
  ['a NUL byte', '1,a\0\n', /^NUL byte$/],
  ['invalid UTF-8', Buffer.from('312cff0a', 'hex'), /^invalid UTF-8$/],
  ['a stray quote', '1,a"b\n', /^stray quote$/],
  ['an unescaped quote', '1,"a"b"\n', /^unescaped quote$/],
  ['a quote that is never closed', '1,"a\n', /^quote never closed$/],
  ['a record that is too long', `1,${'a'.repeat(1000)}\n`, /^record too long: over 1000 bytes$/],
]
t.test('a bad record is a reject with its reason', async (t) => {
  for (const [name, text, reason] of REASONS) {
    const { parts, rejects } = classify(text)
    t.strictSame(parts, [], name)
    t.match(rejects, [{ reason }], name)
  }
})

t.test('other record ends than those of the text before make a piece irregular', async (t) => {
  const [lf, crlf] = [1, 4]
  t.strictSame(classify('1,a\n2,b\n', {}, lf).parts, ['1,a\n2,b\n'])
  t.strictSame(classify('1,a\n2,b\n', {}, crlf).parts, ['1,a', '2,b'])
})

t.test('the end of data of older servers is quoted', async (t) => {
  t.strictSame(classify('\\.\n1\n', { columns: 1 }).parts, ['"\\."', '1'])
})

t.test('quotes are text if the format is lenient', async (t) => {
  const { parts, rejects } = classify('1,5" pipe\n2,"a"b"\n3,"c\n', { lenientQuotes: true })
  t.strictSame(parts, ['"1","5"" pipe"', '"2","a""b"'])
  t.match(rejects, [{ line: 3, reason: 'quote never closed' }])
})

t.test('text in other encodings is left to the server', async (t) => {
  t.strictSame(classify(Buffer.from('312cff0a', 'hex'), { encoding: 'LATIN1' }).parts, ['1,\xff\n'])
})

t.test('empty surplus fields are dropped, and written again as many as COPY expects', async (t) => {
  t.strictSame(classify('1,a,,\n2,b\n').parts, ['1,a', '2,b'])
  t.strictSame(classify('1,a,\n2,b,\n', { surplus: 1 }).parts, ['1,a,\n2,b,\n'])
  t.strictSame(classify('1,a\n2,b,\n', { surplus: 1 }).parts, ['1,a,', '2,b,'])
})

t.test('rejects are handed over once', async (t) => {
  const { classifier } = classify('1\n')
  t.equal(classifier.takeRejects().length, 0)
  t.equal(classifier.rejectedBytes, 0)
})
