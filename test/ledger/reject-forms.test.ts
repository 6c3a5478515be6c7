/** Rejected records as "dasy rejects" writes them. */
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { type Form, forms } from '../../lib/ledger/reject-forms.js'
import type { RejectedRecord } from '../../lib/ledger/rejects.js'

const reject = (record: string | Buffer, change: Partial<RejectedRecord> = {}): RejectedRecord => ({
  source: 0,
  line: 3,
  byte: 25,
  reason: 'stray quote',
  record: Buffer.from(record),
  complete: true,
  ...change,
})

function written(form: Form, rejects: RejectedRecord[], header = 'sku,name\n', names?: string[]): Buffer {
  const { begin, record, end } = forms[form]({ header: Buffer.from(header), names })
  return Buffer.concat([begin, ...rejects.map((each) => record(each) ?? Buffer.alloc(0)), end])
}

t.test('as CSV any bytes come back as they were', async (t) => {
  const records = ['a,5" pipe', '', 'two\nlines', '\r', 'plain', '"', '""quoted""'].map((text) =>
    Buffer.from(text),
  )
  records.push(Buffer.from([0xff, 0x2c, 0x00, 0x22]))
  const csv = written(
    'csv',
    records.map((record, line) => reject(record, { line, reason: 'so, "why"' })),
  )
  const [head, ...lines] = parse(csv, { encoding: null, record_delimiter: '\n' }) as unknown as Buffer[][]
  t.equal(head?.join(), 'line,byte,reason,record')
  t.strictSame(
    lines.map(([line, byte, reason]) => `${line} ${byte} ${reason}`),
    records.map((_, line) => `${line} 25 so, "why"`),
  )
  for (const [index, record] of records.entries())
    t.ok(lines[index]?.[3]?.equals(record), JSON.stringify(`${record}`))
})

t.test('with several sources, each names its own', async (t) => {
  const names = ['a.csv', 'b,c.csv']
  const rejects = [reject('x'), reject('y', { source: 1 })]
  const csv = 'source,line,byte,reason,record\na.csv,3,25,stray quote,x\n"b,c.csv",3,25,stray quote,y\n'
  t.equal(`${written('csv', rejects, '', names)}`, csv)
  const [, second] = `${written('json', rejects, '', names)}`.split('\n')
  t.match(JSON.parse(second as string), { source: 'b,c.csv' })
})

t.test('raw are header and whole records alone, with the line ends of the file', async (t) => {
  const rejects = [reject('a,"x'), reject('long', { complete: false }), reject('b,"\r\n"y')]
  t.equal(`${written('raw', rejects, 'sku,name\r\n')}`, 'sku,name\r\na,"x\r\nb,"\r\n"y\r\n')
  t.equal(`${written('raw', rejects.slice(0, 1), 'sku,name')}`, 'sku,name\na,"x\n')
  t.equal(`${written('raw', rejects.slice(0, 1), '')}`, 'a,"x\n', 'a file without a header')
})

t.test('JSON is an object a line; bytes that are no UTF-8 stand in it as base64', async (t) => {
  const bytes = Buffer.from([0x61, 0xff])
  const lines = `${written('json', [reject('é\n'), reject(bytes, { complete: false })])}`
    .trimEnd()
    .split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    [
      { line: 3, byte: 25, reason: 'stray quote', record: 'é\n', complete: true },
      {
        line: 3,
        byte: 25,
        reason: 'stray quote',
        record: 'a\ufffd',
        base64: bytes.toString('base64'),
        complete: false,
      },
    ],
  )
})
