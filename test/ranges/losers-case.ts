/** Random texts, full of damage: do the keys that were scanned lose as the texts that COPY is given say? */
import { parse } from 'csv-parse/sync'
import { positionOf } from '../../lib/base/position.js'
import { type KeyField, KeyReader, LONGEST_KEY } from '../../lib/csv/key-reader.js'
import { CleanText } from '../../lib/load/clean-text.js'
import { Blocks } from '../../lib/ranges/blocks.js'
import { planRanges } from '../../lib/ranges/planner.js'
import { isPartial, type Range } from '../../lib/ranges/range.js'
import { ScannedKeys } from '../../lib/ranges/scanned-keys.js'
import type { Source } from '../../lib/source/source.js'
import { Random } from '../csv/fuzz/random.mjs'
import { LOCATION, memorySource } from '../support/memory-source.js'
import { PLAN } from '../support/source-plan.js'

/** A record that is staged: its position, and the texts of its key. */
interface Staged {
  readonly position: string
  readonly key: readonly string[]
}

export interface Outcome {
  /** What is wrong; undefined if nothing is. */
  readonly problem: string | undefined
  /** How many records lose; undefined if the keys were not compared by their bytes. */
  readonly losers: number | undefined
}

export const ENDS = ['\r\n', '\n', '\r']
const SPECIAL = [
  '\\.',
  '\\',
  ' 1',
  '1 ',
  '01',
  '+1',
  '-0',
  '"',
  'a"b',
  'a,b',
  'l\nm',
  'l\r\nm',
  'é',
  'e\u0301',
  '😀',
  '1\0',
]
const RAW = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\\.\n',
  ',,,\n',
  '"\n',
  '\n"',
  ' 5" x',
  '\0',
  '\xff',
  '\xc0',
  '\xed\xa0\x80',
]

/** Any case of a seed, without those before it. */
export async function checkCase(seed: number, number: number): Promise<Outcome> {
  const random = new Random(seed, number)
  const columns = random.between(1, 4)
  const parts = random.between(1, columns)
  const isInteger = random.chance(25)
  const maxRecord = random.pick([60, 300, 6000])
  const plan = {
    ...PLAN,
    columns,
    maxRecord,
    staged: Array.from({ length: columns }, (_, index) => index + 1),
  }
  const sources = Array.from({ length: random.pick([1, 1, 2]) }, () => {
    const fields = Array.from({ length: columns }, (_, index) => index)
      .filter((index) => columns - index <= parts || random.chance(50))
      .slice(-parts)
    return { fields, bytes: textOf(random, { columns, fields, isInteger }) }
  })
  const readers = sources.map(({ fields }) => {
    const ofKey = fields.map((index): KeyField => ({ index, isInteger }))
    return new KeyReader(plan.dialect, ofKey)
  })
  const size = random.chance(50) ? sources.reduce((sum, { bytes }) => sum + bytes.length, 0) : undefined
  const keys = new ScannedKeys(readers, size, [])

  const staged: Staged[] = []
  let rejected = 0
  const rangeSize = random.pick([1, 30, 200, 3000])
  const waiting: (readonly [Range, readonly number[]])[] = []
  for (const [ordinal, { fields, bytes }] of sources.entries()) {
    const source = memorySource(bytes, { ordinal, location: random.chance(50) ? LOCATION : undefined })
    const options = { dialect: plan.dialect, maxRecord, columns, sizeAt: () => rangeSize, keys }
    for await (const range of rangesOf(source, bytes.length, options)) {
      const { records, rejects } = stage(range, bytes, plan, random)
      if (records.length + rejects.length !== range.records) {
        return { problem: `${range.records} records at ${range.start}, then other ones`, losers: undefined }
      }
      for (const [index, record] of records.entries()) {
        const position = positionOf(ordinal, range.start + index)
        staged.push({ position, key: fields.map((field) => record[field] ?? '') })
      }
      rejected += rejects.length
      waiting.push([range, rejects])
    }
  }
  // Workers are done with their ranges in any order.
  while (waiting.length > 0)
    keys.staged(...(waiting.splice(random.below(waiting.length), 1)[0] as (typeof waiting)[0]))
  return compared(keys, staged, { rejected, isInteger, lastWins: random.chance(50) })
}

export function textOf(
  random: Random,
  { columns, fields, isInteger }: { columns: number; fields: readonly number[]; isInteger: boolean },
): Buffer {
  const end = random.pick(ENDS)
  const [damage, distinct, quoted] = [
    random.pick([0, 1, 5, 20]),
    random.pick([2, 9, 60]),
    random.pick([0, 10, 100]),
  ]
  const texts: Buffer[] = []
  const field = (text: string): string =>
    /[",\r\n]/.test(text) || random.chance(quoted) ? `"${text.replaceAll('"', '""')}"` : text
  const keyText = (): string => {
    if (!random.chance(damage)) return isInteger ? `${random.below(distinct)}` : `k${random.below(distinct)}`
    if (random.chance(15)) return 'y'.repeat(LONGEST_KEY - fields.length + random.below(4))
    return random.pick(['', ...SPECIAL])
  }
  // Some are longer than the chunk in which files are scanned.
  const filler = random.chance(2) ? 'f'.repeat(20_000) : 'f'
  for (let records = random.pick([1, 10, 60, 120]); records > 0; records -= 1) {
    const count = random.chance(damage) ? random.below(columns + 3) : columns
    const values = Array.from({ length: count }, (_, index) =>
      fields.includes(index) ? keyText() : random.pick(['', filler, 'x', ...SPECIAL.slice(7, 12)]),
    )
    texts.push(Buffer.from(values.map(field).join(',') + (random.chance(damage) ? random.pick(ENDS) : end)))
    if (random.chance(damage)) texts.push(Buffer.from(random.pick(RAW), 'latin1'))
  }
  const bytes = Buffer.concat(texts)
  return random.chance(20) ? bytes.subarray(0, bytes.length - random.below(4)) : bytes
}

function rangesOf(
  source: Source,
  end: number,
  options: Parameters<typeof planRanges>[2],
): AsyncIterable<Range> {
  const gaps = [{ start: { offset: 0, line: 1 }, end }]
  return source.location ? planRanges(source, gaps, options) : new Blocks(source, options).plan(gaps)
}

/** What a worker does with a range: the records of the text for COPY, without some that PostgreSQL may refuse. */
function stage(
  range: Range,
  bytes: Buffer,
  plan: typeof PLAN,
  random: Random,
): { records: string[][]; rejects: number[] } {
  if (isPartial(range)) return { records: [], rejects: [0] }
  const read = (into: Uint8Array, offset: number) => into.set(bytes.subarray(offset, offset + into.length))
  const records: string[][] = []
  const rejects: number[] = []
  const refusals = random.chance(20) ? 10 : 0
  let at = { offset: range.start, line: range.line }
  while (at.offset < range.end) {
    const text = new CleanText(plan, { source: range.source, start: at, end: range.end, read })
    const chunks: Buffer[] = []
    for (const chunk of text) chunks.push(Buffer.from(chunk))
    const csv = Buffer.concat(chunks)
    const found: string[][] = parse(csv, { relax_column_count: true, record_delimiter: ENDS })
    const known = new Set(text.rejectedRecords)
    for (let index = 0, copied = 0; index < found.length + known.size; index += 1) {
      const record = known.has(index) ? undefined : found[copied++]
      if (record && !random.chance(refusals)) records.push(record)
      else rejects.push(records.length + rejects.length)
    }
    at = text.reached
  }
  return { records, rejects }
}

function compared(
  keys: ScannedKeys,
  staged: readonly Staged[],
  { rejected, isInteger, lastWins }: { rejected: number; isInteger: boolean; lastWins: boolean },
): Outcome {
  const unusable = keys.unusable(rejected)
  if (unusable === undefined) return { problem: undefined, losers: undefined }
  const usable = staged.filter(
    ({ key }) => key.every((text) => text !== '') && Buffer.byteLength(key.join('')) <= LONGEST_KEY,
  )
  const winners = new Map<string, string>()
  for (const { position, key } of usable) {
    const values = JSON.stringify(isInteger ? key.map((text) => String(Number(text))) : key)
    if (lastWins || !winners.has(values)) winners.set(values, position)
  }
  const winning = new Set(winners.values())
  const expected = usable.flatMap(({ position }) => (winning.has(position) ? [] : [position]))
  const found = [...keys.losers(lastWins)].flat()
  if (unusable !== staged.length - usable.length) {
    return {
      problem: `${unusable} records have no key, not ${staged.length - usable.length}`,
      losers: found.length,
    }
  }
  const [one, other] = [found.toSorted().join(), expected.toSorted().join()]
  return { problem: one === other ? undefined : `lose: ${one}, not ${other}`, losers: found.length }
}
