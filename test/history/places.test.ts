import t from 'tap'
import { positionOf } from '../../lib/base/position.js'
import { ident } from '../../lib/db/sql.js'
import { keepPlaces, PlaceReader, touchedRanges } from '../../lib/history/places.js'
import { RecordOffsets } from '../../lib/ledger/record-offsets.js'
import { testDatabase } from '../support/database.js'
import { HistoryOf } from '../support/history.js'
import { PLAN } from '../support/source-plan.js'

const RUN = 1

/** Records of two lines, of which every tenth is blank, so that it is none. */
function rangeOf(source: number, start: number, line: number, records: number) {
  const lines = Array.from({ length: records }, (_, n) => (n % 10 === 9 ? '\n' : `"a\n${'x'.repeat(n)}",b\n`))
  const block = Buffer.from(lines.join(''))
  const places: { byte: number; line: number }[] = []
  let [byte, at] = [start, line]
  for (const text of lines) {
    if (text !== '\n') places.push({ byte, line: at })
    byte += text.length
    at += text.split('\n').length - 1
  }
  const size = { start, end: start + block.length, delivered: block.length }
  return { range: { source, ...size, line, nextLine: at, records, flagged: true, block }, places, block }
}

t.test('the places of changed records outlive the staging of their run', async (t) => {
  const db = await testDatabase(t)
  await using history = await HistoryOf.open(db)
  const { session } = history
  await db.run(
    `INSERT INTO dasy.runs (command, target, key, options, workers) VALUES ('ingest', 't', '{k}', '{}', 1)`,
  )
  for (const source of [0, 1])
    await db.run(
      `INSERT INTO dasy.sources (run, ordinal, kind, location, repeatable, identity) VALUES (1, ${source}, 'file', 'f${source}', true, '{}')`,
    )
  const ranges = [
    rangeOf(0, 10, 2, 300),
    rangeOf(0, 60_000, 900, 50),
    rangeOf(1, 10, 2, 300),
    rangeOf(1, 60_000, 900, 50),
  ]
  const computed = new Map<string, Buffer>()
  for (const [index, { range, block }] of ranges.entries()) {
    const places = new RecordOffsets().of(range, PLAN, (into, offset) => {
      into.set(block.subarray(offset - range.start, offset - range.start + into.length))
    })
    // The first is of a pipe: its worker has stored the offsets.
    await session.run(`INSERT INTO dasy.ranges VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`, [
      RUN,
      range.source,
      range.start,
      range.end,
      range.line,
      range.nextLine,
      range.records,
      index === 0 ? places : null,
    ])
    computed.set(`${range.source} ${range.start}`, places)
  }
  // The third record of the last range was never staged: it has no number.
  const [, , , last] = ranges
  const gone = last?.places.splice(2, 1)[0]
  await session.run(
    `INSERT INTO dasy.rejects (run, source, byte, line, reason, record) VALUES (1, 1, $1, 1, 'bad', '')`,
    [gone?.byte],
  )
  const numbers = [0, 1, 8, 9, 40, 200]
  const wanted = [0, 3].flatMap((index) =>
    numbers.filter((n) => n < (ranges[index]?.places.length ?? 0)).map((n) => [index, n] as const),
  )
  await session.run('CREATE TABLE public.changed (position bigint)')
  for (const [index, number] of wanted) {
    const { range } = ranges[index] as (typeof ranges)[number]
    await session.run('INSERT INTO public.changed VALUES ($1), (NULL)', [
      positionOf(range.source, range.start + number),
    ])
  }
  const touched = await touchedRanges(session, RUN, ident('public', 'changed'))
  t.match(touched, [
    { source: 0, start: 10, line: 2, stored: true },
    { source: 1, start: 60_000, line: 900, stored: false },
  ])
  t.equal(touched.length, 2)
  const read = touched.map((range) => {
    const places = computed.get(`${range.source} ${range.start}`)
    return { range, places: range.stored ? undefined : places }
  })
  await keepPlaces(session, RUN, read)
  await db.run('TRUNCATE dasy.ranges')

  const reader = new PlaceReader(session, RUN)
  for (const [index, number] of [...wanted, ...wanted.toReversed()]) {
    const { range, places } = ranges[index] as (typeof ranges)[number]
    t.same(
      await reader.find(range.source, range.start + number),
      places[number],
      `record ${number} of range ${index}`,
    )
  }
  t.equal(await reader.find(0, 60_001), undefined, 'a range without changes is not kept')
  t.equal(await reader.find(2, 10), undefined)
})
