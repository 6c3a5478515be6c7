import type { Dialect } from './dialect.js'
import { FieldCounter } from './field-counter.js'
import { type RawField, splitLeniently } from './lenient.js'
import { withoutLineEnd } from './line-end.js'
import { type Fault, type ScanState, scan } from './scan.js'

/** The number of records that detection reads. */
const ENOUGH = 250

/** A record under a dialect. Its fields are split only when they are needed: for most records the count is enough. */
export class SampleRecord {
  #fields: readonly RawField[] | undefined

  constructor(
    /** The physical line on which it begins, from 1. */
    readonly line: number,
    readonly bytes: Buffer,
    readonly fault: Fault | undefined,
    /** The number of fields; 0 if it has a fault. */
    readonly count: number,
    readonly dialect: Dialect,
  ) {}

  /** None if the record has a fault. */
  get fields(): readonly RawField[] {
    this.#fields ??= this.count === 0 ? [] : (splitLeniently(this.bytes, this.dialect) ?? [])
    return this.#fields
  }

  /** The number of fields without empty ones after the expected number. */
  countFor(expected: number): number {
    let { count } = this
    while (count > expected && isEmpty(this.fields[count - 1] as RawField)) count -= 1
    return count
  }
}

/** The first records of a text under one dialect. */
export interface Sample {
  readonly dialect: Dialect
  /** Without blank lines and records of empty fields only. */
  readonly records: readonly SampleRecord[]
  /** How many have a misplaced quote. */
  readonly faulty: number
  /** How many have a quoted field. */
  readonly quoted: number
  /** How many have a field that needs its quotes, because it holds a delimiter, a line break or a quote. */
  readonly needed: number
}

/** How far the records of a sample agree in their number of fields. */
export interface Shape {
  readonly records: number
  /** Fields of the first record; 0 if it has a fault. */
  readonly first: number
  /** The expected number of fields, or the one that most records have. */
  readonly fields: number
  /** How many records have it. */
  readonly fitting: number
  readonly least: number
  readonly most: number
}

/**
 * Reads the first records under a dialect.
 * @param text from the start of a record; it may end within a record unless it is `final`
 * @param most how many records are read
 */
export function sampleOf(text: Buffer, dialect: Dialect, final: boolean, most = ENOUGH): Sample {
  const counter = new FieldCounter(dialect)
  const records: SampleRecord[] = []
  let at: ScanState = { offset: 0, line: 1 }
  while (at.offset < text.length && records.length < most) {
    // For rule 6. Unknown if the first record has a fault.
    const columns = records[0]?.count || undefined
    const options = { dialect, maxRecord: text.length, final, stopAt: at.offset + 1, columns }
    const { state, records: found, fault } = scan(text.subarray(at.offset), at, options)
    if (state === at) break
    if (found > 0) {
      const bytes = withoutLineEnd(text.subarray(at.offset, state.offset))
      const count = fault ? 0 : counter.count(bytes)
      const record = new SampleRecord(at.line, bytes, fault, count, dialect)
      const isBlank = bytes.length < 2 * count && count > 1 && record.fields.every(isEmpty)
      if (!isBlank) records.push(record)
    }
    at = state
  }
  // More than half of the text is in a field that is never closed, so what opened it was no quote.
  if (records.length < most && at.offset < text.length / 2) {
    records.push(new SampleRecord(at.line, text.subarray(at.offset), 'quote never closed', 0, dialect))
  }
  const withQuotes = records.filter(({ bytes }) => bytes.includes(dialect.quote))
  const countIn = (some: readonly SampleRecord[], is: (record: SampleRecord) => boolean) =>
    some.filter(is).length
  return {
    dialect,
    records,
    faulty: countIn(records, ({ fault }) => fault !== undefined),
    quoted: countIn(withQuotes, ({ fields }) => fields.some(({ quoted }) => quoted)),
    needed: countIn(withQuotes, ({ fields }) => fields.some((field) => isNeeded(field, dialect))),
  }
}

/** @param expected the number of fields that a record should have, if it is known */
export function shapeOf(sample: Pick<Sample, 'records'>, expected?: number): Shape {
  const shape = plainShapeOf(sample, expected)
  const [first] = sample.records
  if (expected !== undefined || !first || fitOf(shape) === 1) return shape
  // Some programs write a varying number of delimiters after the last column.
  const filled = first.countFor(1)
  if (filled < 2 || filled === first.count) return shape
  const without = plainShapeOf(sample, filled)
  return without.fitting > shape.fitting ? without : shape
}

function plainShapeOf({ records }: Pick<Sample, 'records'>, expected?: number): Shape {
  const least = expected ?? records[0]?.count ?? 0
  const counts = records.map((record) => record.countFor(least))
  const sizes = new Map<number, number>()
  for (const count of counts) if (count > 0) sizes.set(count, (sizes.get(count) ?? 0) + 1)
  const first = counts[0] ?? 0
  const [most] = [...sizes].sort(
    ([a, n], [b, m]) => m - n || Number(b === first) - Number(a === first) || b - a,
  )
  const fields = expected ?? most?.[0] ?? 0
  return {
    records: counts.length,
    first,
    fields,
    fitting: sizes.get(fields) ?? 0,
    least: Math.min(...sizes.keys(), fields),
    most: Math.max(...sizes.keys(), fields),
  }
}

/** The part of the records that has the usual number of fields, from 0 to 1. */
export function fitOf({ fitting, records }: Shape): number {
  return records === 0 ? 0 : fitting / records
}

export function isEmpty({ bytes, quoted }: RawField): boolean {
  return bytes.length === 0 && !quoted
}

const LF = 0x0a
const CR = 0x0d

function isNeeded({ bytes, quoted }: RawField, { delimiter, quote }: Dialect): boolean {
  return quoted && [delimiter, LF, CR, quote].some((byte) => bytes.includes(byte))
}
