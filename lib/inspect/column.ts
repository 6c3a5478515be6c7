import { candidatesFor } from '../mapping/kinds.js'
import type { FieldText } from './fields.js'
import { FormCheck } from './form.js'
import { ANY_KIND, kindsOf } from './kinds.js'

const SAMPLES = 3
/** The most characters of a value that are shown. */
const SHOWN = 30
const ELLIPSIS = '…'
/** Bytes in UTF-8. */
const LONGEST_CHARACTER = 4
/** Bytes: longer values are text. */
const LONGEST_TYPED = 100

/** Statistics of a column's values. */
export interface ColumnReport {
  /** Its name in the header. */
  readonly name: string
  /** The narrowest type that every value fits, as --infer chooses it. */
  readonly type: string
  /** The first distinct values; long ones are cut. */
  readonly samples: readonly string[]
  /** The number of NULL values. */
  readonly empty: number
  /** Characters of the longest value. */
  readonly longest: number
}

/** Examines the values of a column, one by one. */
export class ColumnProfile {
  readonly #name: string
  readonly #isKey: boolean
  readonly #samples: Sample[] = []
  readonly #form = new FormCheck()
  #kinds = ANY_KIND
  #values = 0
  #empty = 0
  #longest = 0

  constructor(name: string, isKey: boolean) {
    this.#name = name
    this.#isKey = isKey
  }

  addNull(): void {
    this.#empty += 1
  }

  add({ bytes, start, end }: FieldText): void {
    const length = end - start
    this.#values += 1
    // A character takes at least one byte.
    if (length > this.#longest) this.#longest = Math.max(this.#longest, characters(bytes, start, end))
    if (this.#kinds !== 0) {
      this.#kinds &= length > LONGEST_TYPED ? 0 : kindsOf(bytes.toString('latin1', start, end))
    }
    if (this.#form.isOpen) this.#form.add(bytes.toString('latin1', start, end))
    if (this.#samples.length < SAMPLES && length > 0) this.#sample(bytes, start, end)
  }

  /** How its values are written, if they stay text for that reason. */
  get note(): string | undefined {
    return this.report.type === 'text' ? this.#form.note(this.#name) : undefined
  }

  get report(): ColumnReport {
    const [narrowest = 'text'] = this.#values > 0 ? candidatesFor(this.#kinds, this.#isKey) : []
    return {
      name: this.#name,
      type: narrowest,
      samples: this.#samples.map(({ shown }) => shown),
      empty: this.#empty,
      longest: this.#longest,
    }
  }

  #sample(bytes: Buffer, start: number, end: number): void {
    if (this.#samples.some((sample) => isSame(sample, bytes, start, end))) return
    this.#samples.push(sampleOf(bytes, start, end))
  }
}

interface Sample {
  readonly shown: string
  /** The part of the value that is shown. */
  readonly bytes: Buffer
  readonly isCut: boolean
}

/** A text, cut if it is long. */
export function shorten(bytes: Buffer, start: number, end: number): string {
  return sampleOf(bytes, start, end).shown
}

function sampleOf(bytes: Buffer, start: number, end: number): Sample {
  const most = Math.min(end, start + (SHOWN + 1) * LONGEST_CHARACTER)
  const letters = [...bytes.toString('utf8', start, most)]
  if (letters.length <= SHOWN) {
    return { shown: letters.join(''), bytes: Buffer.from(bytes.subarray(start, end)), isCut: false }
  }
  const shown = letters.slice(0, SHOWN).join('')
  return { shown: shown + ELLIPSIS, bytes: Buffer.from(shown), isCut: true }
}

/** Whether a value is shown like the sample. */
function isSame({ bytes: known, isCut }: Sample, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (isCut ? length <= known.length : length !== known.length) return false
  for (let at = 0; at < known.length; at += 1) {
    if (known[at] !== bytes[start + at]) return false
  }
  return true
}

/** The number of characters in UTF-8: bytes that do not continue a character. */
function characters(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at += 1) if (((bytes[at] as number) & 0xc0) !== 0x80) count += 1
  return count
}
