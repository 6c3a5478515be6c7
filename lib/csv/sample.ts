import type { Dialect } from './dialect.js'
import { FieldCounter } from './field-counter.js'
import { type RawField, splitLeniently } from './lenient.js'
import { withoutLineEnd } from './line-end.js'
import { type Fault, type ScanState, scan } from './scan.js'

/** So many records tell what a text is like. */
const ENOUGH = 250

/** A record under a dialect. Most are only counted: what their fields are is found when it is asked for. */
export class SampleRecord {
  #fields: readonly RawField[] | undefined

  constructor(
    /** The physical line on which it begins, from 1. */
    readonly line: number,
    readonly bytes: Buffer,
    readonly fault: Fault | undefined,
    /** How many fields it has; 0 where it has a fault. */
    readonly count: number,
    readonly dialect: Dialect,
  ) {}

  /** Nothing of a record with a fault. */
  get fields(): readonly RawField[] {
    this.#fields ??= this.count === 0 ? [] : (splitLeniently(this.bytes, this.dialect) ?? [])
    return this.#fields
  }

  /** Empty fields behind the last one that is expected are none. */
  countFor(expected: number): number {
    let { count } = this
    while (count > expected && isEmpty(this.fields[count - 1] as RawField)) count -= 1
    return count
  }
}

/** What the first records of a text are under one dialect. */
export interface Sample {
  readonly dialect: Dialect
  /** Blank lines, and records of nothing but delimiters, are not among them. */
  readonly records: readonly SampleRecord[]
  /** How many have a misplaced quote. */
  readonly faulty: number
  /** How many have a field in quotes. */
  readonly quoted: number
  /** How many have one that says something else without its quotes: it holds a delimiter, a line break or a quote. */
  readonly needed: number
}

/** How alike the records of a sample are in their number of fields. */
export interface Shape {
  readonly records: number
  /** Fields of the first record; 0 where it is faulty. */
  readonly first: number
  /** The number of fields that is expected, or that most records have. */
  readonly fields: number
  /** How many have it. */
  readonly fitting: number
  readonly least: number
  readonly most: number
}

/**
 * Reads the first records as they are under a dialect.
 * @param text from the start of a record on; it may end within a record unless it is `final`
 * @param most how many records are read
 */
export function sampleOf(text: Buffer, dialect: Dialect, final: boolean, most = ENOUGH): Sample {
  const counter = new FieldCounter(dialect)
  const records: SampleRecord[] = []
  let at: ScanState = { offset: 0, line: 1 }
  while (at.offset < text.length && records.length < most) {
    // Rule 6 needs to know it; a first record that is faulty does not tell.
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
  // More than half of it in a field that nothing closes: it was no quote that opened it.
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

/** @param expected what a record should have, where that is known */
export function shapeOf(sample: Pick<Sample, 'records'>, expected?: number): Shape {
  const shape = plainShapeOf(sample, expected)
  const [first] = sample.records
  if (expected !== undefined || !first || fitOf(shape) === 1) return shape
  // Programs differ in how many delimiters they leave behind the last column, from record to record as well.
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

/** Which part of the records has as many fields as most. */
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
