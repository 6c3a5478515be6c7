import { parse } from 'csv-parse/sync'
import t from 'tap'
import { KeyReader } from '../../lib/csv/key-reader.js'
import { GroupCounts } from '../../lib/ranges/group-counts.js'
import { PLAN } from '../support/source-plan.js'

/** Counts with its hash, as a scan does. @returns false if there are too many texts */
function adder(counts: GroupCounts): (text: string, by?: number) => boolean {
  const values = new KeyReader(PLAN.dialect, [{ index: 0, isInteger: false }])
  const into = new Uint8Array(values.mostBytes)
  return (text, by = 1) => {
    const record = Buffer.from(`"${text.replaceAll('"', '""')}"`)
    const length = values.read(record, 0, record.length, into, 0)
    return counts.add(into, length, values.hash, by)
  }
}

function rowsOf(counts: GroupCounts): string[][] {
  const chunks: Buffer[] = []
  for (const chunk of counts.rows()) chunks.push(Buffer.from(chunk))
  return parse(Buffer.concat(chunks))
}

t.test('more records than there is room for, with few values', async (t) => {
  const counts = new GroupCounts()
  const add = adder(counts)
  const expected = new Map<string, string>()
  const [groups, times] = [20_000, 70]
  for (let round = 0; round < times; round += 1)
    for (let group = 0; group < groups; group += 1)
      if (!add(`value "${group}"`)) t.fail(`no room in round ${round}`)
  for (let group = 0; group < groups; group += 1) expected.set(`value "${group}"`, `${times}`)
  // Some are taken back, of one all.
  for (let time = 0; time < times; time += 1) add('value "7"', -1)
  add('value "8"', -1)
  expected.delete('value "7"')
  expected.set('value "8"', `${times - 1}`)
  t.equal(counts.records, groups * times - times - 1)
  const rows = rowsOf(counts)
  t.equal(rows.length, expected.size)
  t.same(new Map(rows.map(([value, count]) => [value, count])), expected)
})

t.test('the first records tell whether there will probably be too many values', async (t) => {
  const first = 7000
  const expects = (values: number, times: number): boolean => {
    const counts = new GroupCounts()
    const add = adder(counts)
    // As if drawn by lot.
    for (let index = 0; index < first; index += 1) add(`value ${(index * 7919 * 104_729) % values}`)
    const expected = counts.expect(times)
    const all = rowsOf(counts).reduce((sum, [, count]) => sum + Number(count), 0)
    t.equal(all, first, 'nothing is lost')
    return expected
  }
  t.equal(expects(5_000_011, 700), false, '5 million records, hardly one value of which is repeated')
  t.equal(expects(5_000_011, 70), true, 'all have room, whatever their values')
  t.equal(expects(5003, 700), true, 'some 5000 values')
})

t.test('texts of all lengths, longer than a chunk together', async (t) => {
  const counts = new GroupCounts()
  const add = adder(counts)
  const texts = Array.from({ length: 1500 }, (_, index) => `${'"'.repeat(index)}${index}`)
  for (const text of texts) t.ok(add(text))
  t.same(
    rowsOf(counts)
      .map(([value]) => value)
      .sort(),
    [...texts].sort(),
  )
})

t.test('too many values', async (t) => {
  const counts = new GroupCounts()
  const add = adder(counts)
  let added = 0
  while (added < 3_000_000 && add(`${added}`)) added += 1
  t.ok(added > 300_000 && added < 3_000_000, `${added} values had room`)
})
