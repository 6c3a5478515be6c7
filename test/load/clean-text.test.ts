/** Good records become text for COPY, bad ones rejects. */
import t from 'tap'
import { CleanText } from '../../lib/load/clean-text.js'
import type { SourcePlan } from '../../lib/ranges/load-plan.js'
import { DIALECT } from '../support/memory-source.js'
import { PLAN } from '../support/source-plan.js'

function clean(content: string, more: Partial<SourcePlan> = {}) {
  const bytes = Buffer.from(content)
  const read = (into: Uint8Array, offset: number) => {
    into.set(bytes.subarray(offset, offset + into.length))
  }
  const section = { source: 0, start: { offset: 0, line: 1 }, end: bytes.length, read }
  const text = new CleanText({ ...PLAN, ...more }, section)
  const copied = [...text].map((chunk) => Buffer.from(chunk).toString()).join('')
  return { text, copied }
}

t.test('records without a fault pass unchanged', async (t) => {
  const { text, copied } = clean('a,"1\n2"\nb,3\n')
  t.equal(copied, 'a,"1\n2"\nb,3\n')
  t.match(text, { copied: 2, rejects: [], reached: { offset: 12, line: 4 } })
})

t.test('bad records are left out, with line, byte and reason', async (t) => {
  const { text, copied } = clean('a,1\nb"x,2\n\nc\nd,4')
  t.equal(copied, 'a,1\nd,4\n')
  t.match(text, {
    copied: 2,
    rejects: [
      { byte: 4, line: 2, reason: 'stray quote', complete: true },
      { byte: 11, line: 4, reason: 'too few fields: 1 of 2' },
    ],
  })
  t.equal(Buffer.from(text.rejects[0]?.record ?? []).toString(), 'b"x,2')
})

t.test('other options change the text', async (t) => {
  t.equal(clean('a,NULL\n', { nullWord: Buffer.from('NULL') }).copied, 'a,\n')
  t.equal(clean(' a , b \n', { dialect: { ...DIALECT, trim: true } }).copied, 'a,b\n')
  t.equal(clean('b"x,2\n', { lenientQuotes: true }).copied, '"b""x","2"\n')
})

t.test('the text ends early when there are many rejects to record', async (t) => {
  const { text } = clean('x\n'.repeat(30_000))
  t.ok(text.rejects.length >= 10_000 && text.rejects.length < 15_000, `${text.rejects.length} rejects`)
  t.ok(text.reached.offset < 60_000)
  t.equal(text.reached.offset, 2 * text.rejects.length, 'what follows begins behind them')
})
