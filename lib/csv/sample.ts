import type { Dialect } from './dialect.js'
import { FieldCounter } from './field-counter.js'
import { splitLeniently } from './lenient.js'
import { withoutLineEnd } from './line-end.js'
import { type ScanState, scan } from './scan.js'

/** So many records tell what a file is like. */
const ENOUGH = 250

/** What the first records of a text are under one dialect. */
export interface Sample {
  readonly dialect: Dialect
  /** Records looked at, the header among them. */
  readonly records: number
  /** Fields of the first one; 0 where it is faulty. */
  readonly first: number
  /** The number of fields that most records have. */
  readonly fields: number
  /** How many have it. */
  readonly fitting: number
  readonly least: number
  readonly most: number
  /** How many have a misplaced quote. */
  readonly faulty: number
  /** How many have a field in quotes. */
  readonly quoted: number
}

/**
 * Reads the first records as they are under a dialect.
 * @param head from the first record on; it may end within a record unless it is `final`
 */
export function sampleOf(head: Buffer, dialect: Dialect, final: boolean): Sample {
  const counter = new FieldCounter(dialect)
  const counts: number[] = []
  let quoted = 0
  let at: ScanState = { offset: 0, line: 1 }
  while (at.offset < head.length && counts.length < ENOUGH) {
    const options = { dialect, maxRecord: head.length, final, stopAt: at.offset + 1 }
    const { state, records, fault } = scan(head.subarray(at.offset), at, options)
    if (state === at) break
    if (records > 0) {
      const record = withoutLineEnd(head.subarray(at.offset, state.offset))
      counts.push(fault ? 0 : counter.count(record))
      if (!fault && splitLeniently(record, dialect)?.some((field) => field.quoted)) quoted += 1
    }
    at = state
  }
  // More than half of it in a field that nothing closes: it was no quote that opened it.
  if (counts.length < ENOUGH && at.offset < head.length / 2) counts.push(0)
  return { dialect, quoted, ...summary(counts) }
}

function summary(counts: readonly number[]): Omit<Sample, 'dialect' | 'quoted'> {
  const sizes = new Map<number, number>()
  for (const count of counts) if (count > 0) sizes.set(count, (sizes.get(count) ?? 0) + 1)
  const [[fields, fitting] = [0, 0]] = [...sizes].sort(([a, n], [b, m]) => m - n || b - a)
  return {
    records: counts.length,
    first: counts[0] ?? 0,
    fields,
    fitting,
    least: Math.min(...sizes.keys(), fields),
    most: Math.max(...sizes.keys(), fields),
    faulty: counts.filter((count) => count === 0).length,
  }
}
