/** Random texts, full of damage: does the direct path stage the records that the usual one would load? */
import { parse } from 'csv-parse/sync'
import { type KeyField, KeyReader, LONGEST_KEY } from '../../lib/csv/key-reader.js'
import { RecordClassifier } from '../../lib/csv/record-classifier.js'
import { CleanText } from '../../lib/load/clean-text.js'
import { GroupCounter } from '../../lib/ranges/group-counter.js'
import type { GroupCounts } from '../../lib/ranges/group-counts.js'
import { LocatedKeys } from '../../lib/ranges/located-keys.js'
import { planRanges } from '../../lib/ranges/planner.js'
import type { Range } from '../../lib/ranges/range.js'
import { PartsOfRange } from '../../lib/ranges/record-parts.js'
import { BlockReader } from '../../lib/source/reader.js'
import { Random } from '../csv/fuzz/random.mjs'
import { LOCATION, memorySource } from '../support/memory-source.js'
import { PLAN } from '../support/source-plan.js'
import { ENDS, textOf } from './losers-case.js'

type Plan = typeof PLAN

interface Case {
  readonly plan: Plan
  readonly fields: readonly number[]
  /** The index of the field whose values are counted. */
  readonly column: number
  readonly sources: readonly Buffer[]
  readonly rangeSize: number
  readonly lastWins: boolean
}

export interface Located {
  /** What is wrong; undefined if nothing is. */
  readonly problem: string | undefined
  /** How many records were omitted, and how many of these had to be staged nevertheless; undefined if it is not known where they are. */
  readonly omitted: number | undefined
  readonly missing: number
  /** Whether the groups of a column were counted. */
  readonly isCounted?: boolean
}

/** What is loaded of a case: the records as texts, sorted, and counts. */
interface Loaded {
  readonly records: readonly string[]
  readonly duplicates: number
  readonly rejected: number
}

/** Any case of a seed, without those before it. */
export async function checkLocated(seed: number, number: number): Promise<Located> {
  const random = new Random(seed, number)
  const given = caseOf(random)
  const keys = new LocatedKeys(
    given.sources.map(() => new KeyReader(given.plan.dialect, keyFields(given.fields))),
    undefined,
    [],
  )
  keys.count(new GroupCounter(countedSources(given)))
  const ranges = await rangesOf(given, keys)
  const leftOut = keys.leftOut(given.lastWins)
  if (!leftOut) return { problem: undefined, omitted: undefined, missing: 0 }
  const records: string[][] = []
  let rejected = 0
  for (const range of ranges) {
    const left = leftOut(range)
    if (range.records > 0 && left?.bytes !== range.end - range.start)
      return {
        problem: `${left?.bytes} bytes from ${range.start} to ${range.end}`,
        omitted: undefined,
        missing: 0,
      }
    const parts = { ...range, ...(left && { omitted: left.omitted, keyless: left.keyless }) }
    const staged = stage(given, parts)
    const problem = whole(given, parts, staged.records, random)
    if (problem !== undefined) return { problem, omitted: undefined, missing: 0 }
    records.push(...staged.records)
    rejected += staged.rejects.length
    keys.staged(parts, staged.rejects)
  }
  const revised = keys.revise(given.lastWins)
  if (!revised) return { problem: 'given up', omitted: undefined, missing: 0 }
  for (const { source, start, end } of revised.missing)
    records.push(...parsed((given.sources[source] as Buffer).subarray(start, end)))
  const found = { records: sorted(records), duplicates: revised.duplicates, rejected }
  const expected = await usually(given)
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  const { groups } = keys
  const miscounted = groups && difference(groups, counted(records, given.column))
  const problem = one === other ? miscounted : `${one}, not ${other}`
  return {
    problem,
    isCounted: groups !== undefined,
    omitted: revised.duplicates,
    missing: revised.missing.length,
  }
}

function caseOf(random: Random): Case {
  const columns = random.between(1, 4)
  const fields = Array.from({ length: columns }, (_, index) => index).slice(-random.between(1, columns))
  const staged = Array.from({ length: columns }, (_, index) => index + 1)
  const sources = Array.from({ length: random.pick([1, 1, 2]) }, () =>
    textOf(random, { columns, fields, isInteger: false }),
  )
  const maxRecord = random.pick([300, 6000, 30_000])
  const rangeSize = random.pick([1, 30, 200, 3000])
  return {
    plan: { ...PLAN, columns, maxRecord, staged },
    fields,
    column: random.below(columns),
    sources,
    rangeSize,
    lastWins: random.chance(50),
  }
}

function keyFields(fields: readonly number[]): KeyField[] {
  return fields.map((index) => ({ index, isInteger: false }))
}

async function rangesOf({ plan, sources, rangeSize }: Case, keys?: LocatedKeys): Promise<Range[]> {
  const { dialect, maxRecord, columns } = plan
  const ranges: Range[] = []
  for (const [ordinal, bytes] of sources.entries()) {
    const source = memorySource(bytes, { ordinal, location: LOCATION })
    const gaps = [{ start: { offset: 0, line: 1 }, end: bytes.length }]
    const options = { dialect, maxRecord, columns, sizeAt: () => rangeSize, keys }
    for await (const range of planRanges(source, gaps, options)) ranges.push(range)
  }
  return ranges
}

/** What salvage makes of a range: the records of the text for COPY, and the ordinals of the rejects. */
function stage({ plan, sources }: Case, range: Range): { records: string[][]; rejects: number[] } {
  const bytes = sources[range.source] as Buffer
  const read = (into: Uint8Array, offset: number) => into.set(bytes.subarray(offset, offset + into.length))
  const left = {
    omitted: new PartsOfRange(range.start, range.omitted),
    keyless: new PartsOfRange(range.start, range.keyless),
  }
  const records: string[][] = []
  const rejects: number[] = []
  let passed = 0
  let at = { offset: range.start, line: range.line }
  while (at.offset < range.end) {
    const text = new CleanText(plan, { source: range.source, start: at, end: range.end, read }, left)
    const chunks: Buffer[] = []
    for (const chunk of text) chunks.push(Buffer.from(chunk))
    records.push(...parsed(Buffer.concat(chunks)))
    rejects.push(...text.rejectedRecords.map((ordinal) => passed + ordinal))
    passed += text.copied + text.leftOut + text.rejectedRecords.length
    at = text.reached
  }
  return { records, rejects }
}

/** A range that is copied as it is, chunk by chunk: does it give the same, if COPY takes it and what is left out is good? */
function whole(
  { plan, sources }: Case,
  range: Range,
  expected: string[][],
  random: Random,
): string | undefined {
  const { omitted = new Int32Array(0), keyless = new Int32Array(0) } = range
  if (range.flagged || keyless.length > 0) return undefined
  const bytes = sources[range.source] as Buffer
  const classifier = new RecordClassifier(plan, range.source)
  if (!classifier.accepts(bytes.subarray(range.start, range.end))) return undefined
  const parts = new PartsOfRange(range.start, omitted)
  const chunks: Buffer[] = []
  const left: Buffer[] = []
  const size = random.pick([1, 7, 100, 10_000])
  for (let at = range.start; at < range.end; at += size) {
    const chunk = Buffer.from(bytes.subarray(at, Math.min(range.end, at + size)))
    const length = parts.removeFrom(chunk, at, (part) => left.push(Buffer.from(part)))
    chunks.push(chunk.subarray(0, length))
  }
  if (!classifier.accepts(Buffer.concat(left))) return `what is left out at ${range.start} is bad`
  const [one, other] = [JSON.stringify(parsed(Buffer.concat(chunks))), JSON.stringify(expected)]
  return one === other ? undefined : `range at ${range.start}: ${one}, not ${other}`
}

/** What the usual path loads. */
async function usually(given: Case): Promise<Loaded> {
  const { fields, lastWins } = given
  const winners = new Map<string, string[]>()
  let [usable, rejected] = [0, 0]
  for (const range of await rangesOf(given)) {
    const { records, rejects } = stage(given, range)
    rejected += rejects.length
    for (const record of records) {
      const key = fields.map((field) => (record[field] === EMPTY ? '' : (record[field] ?? '')))
      if (key.includes('') || Buffer.byteLength(key.join('')) > LONGEST_KEY) {
        rejected += 1
        continue
      }
      usable += 1
      const text = JSON.stringify(key)
      if (lastWins || !winners.has(text)) winners.set(text, record)
    }
  }
  return { records: sorted([...winners.values()]), duplicates: usable - winners.size, rejected }
}

/** Two quotes: an empty text, where nothing would be NULL. */
const EMPTY = '(empty)'

function countedSources({ plan, column, sources }: Case) {
  return sources.map((bytes, ordinal) => ({
    name: `${ordinal}`,
    open: () => new BlockReader(bytes, 0),
    values: new KeyReader(plan.dialect, [{ index: column, isInteger: false }]),
  }))
}

function counted(records: readonly string[][], column: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { [column]: value = '' } of records) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function difference(groups: GroupCounts, expected: Map<string, number>): string | undefined {
  const chunks: Buffer[] = []
  for (const chunk of groups.rows()) chunks.push(Buffer.from(chunk))
  const rows = parsed(Buffer.concat(chunks))
  const found = rows.map(([value, count, level]) => JSON.stringify([value, Number(count), Number(level)]))
  const wanted = [...expected].map(([value, count]) => JSON.stringify([value, count, value === '' ? -1 : 9]))
  const [one, other] = [found.sort().join(), wanted.sort().join()]
  return one === other ? undefined : `groups ${one}, not ${other}`
}

function parsed(text: Uint8Array): string[][] {
  return parse(Buffer.from(text), {
    cast: (value, { quoting }) => (value === '' && quoting ? EMPTY : value),
    relax_column_count: true,
    record_delimiter: ENDS,
    skip_empty_lines: true,
  })
}

function sorted(records: readonly string[][]): string[] {
  return records.map((record) => JSON.stringify(record)).sort()
}
