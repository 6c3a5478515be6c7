import t from 'tap'
import { type Form, forms } from '../../lib/ledger/reject-forms.js'
import type { RejectedRecord } from '../../lib/ledger/rejects.js'

function reject(record: string | Buffer, fields: Partial<RejectedRecord> = {}): RejectedRecord {
  return {
    source: 0,
    line: 2,
    byte: 9,
    reason: 'bad',
    record: Buffer.from(record),
    complete: true,
    ...fields,
  }
}

function written(
  form: Form,
  rejects: readonly RejectedRecord[],
  header = '',
  names?: readonly string[],
): string {
  const { begin, record, end } = forms[form]({ header: Buffer.from(header), names })
  const records = rejects.flatMap((each) => record(each) ?? [])
  return Buffer.concat([begin, ...records, end]).toString('latin1')
}

t.test('as CSV, quoted where it must be', async (t) => {
  t.equal(written('csv', []), 'line,byte,reason,record\n')
  t.equal(
    written('csv', [reject('a;b'), reject('say "x"', { reason: 'one, two' }), reject('')]),
    'line,byte,reason,record\n2,9,bad,a;b\n2,9,"one, two","say ""x"""\n2,9,bad,""\n',
  )
  t.equal(
    written('csv', [reject(Buffer.from([0x61, 0xe9]), { source: 1 })], '', ['x.csv', 'y.csv']),
    'source,line,byte,reason,record\ny.csv,2,9,bad,a\xe9\n',
    'bytes stay as they are',
  )
})

t.test('raw: header and complete records, with the line ends of the file', async (t) => {
  const rejects = [reject('1,"a\nb"'), reject('half', { complete: false }), reject('2,c')]
  t.equal(written('raw', rejects, 'id,name\r\n'), 'id,name\r\n1,"a\nb"\r\n2,c\r\n')
  t.equal(written('raw', rejects), '1,"a\nb"\n2,c\n', 'without a header')
  t.equal(written('raw', [], 'id\r'), 'id\r')
})

t.test('one JSON object per line, with base64 for what is not UTF-8', async (t) => {
  const lines = written('json', [reject('ä'), reject(Buffer.from([0xff]), { complete: false })])
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(Buffer.from(line, 'latin1').toString()) as Record<string, unknown>)
  t.same(lines[0], { line: 2, byte: 9, reason: 'bad', record: 'ä', complete: true })
  t.match(lines[1], { base64: '/w==', complete: false })
})
