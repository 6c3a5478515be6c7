import { nameOf } from '../describe.js'
import { fitOf, type Sample, type Shape, shapeOf } from '../sample.js'
import { cleanliness } from './cleanliness.js'
import type { Given } from './detection.js'
import { isHeader, leadIn, withoutComments } from './lines.js'
import type { Quotings } from './quotings.js'
import { namedBy } from './wanted.js'

/** A delimiter that a text might have, and how well it fits the text. */

export const COMMA = 0x2c
/** The part of the records that must have the usual number of fields, to be columns at all. */
export const HALF = 0.5
/** The part that must have it for a rival to be mentioned. */
export const CONSISTENT = 0.75

/** A delimiter with the quotes under which it is judged. */
export interface Candidate {
  readonly quotings: Quotings
  readonly delimiter: number
  readonly sample: Sample
  readonly shape: Shape
  /** 2 if the header names all requested columns, 1 if it names the key, else 0. */
  readonly asked: number
  /** How many columns of the table the header names. */
  readonly known: number
  /** Lines before what looks like the header; `shape` does not include them. */
  readonly leading: number
  /** Whether the first record after those could name columns. */
  readonly isNamed: boolean
  /** How well the numbers of fields agree, and how clean the fields are. */
  readonly score: number
}

/** With the quotes under which it fits best. */
export function best(quotings: Quotings, given: Given): Candidate {
  const candidates = quotings.all.map((sample) => candidateOf(quotings, sample, given))
  return candidates.sort(better)[0] as Candidate
}

export function candidateOf(quotings: Quotings, sample: Sample, given: Given): Candidate {
  const { dialect } = sample
  const { delimiter } = dialect
  const { records: all, lines: leading, asked: named } = leadIn(sample, given)
  const records = withoutComments(all)
  const [header] = records
  // A first record that names requested columns is a header: records should have as many fields.
  const expected = given.columns ?? (named > 0 ? header?.fields.length : undefined)
  const shape = shapeOf({ records }, expected)
  const isAsMany = given.columns !== undefined && shape.fitting > 0 && fitOf(shape) >= HALF
  const asked = given.columns === undefined ? named : isAsMany ? 2 : 0
  const known = given.header ? namedBy(header, dialect, given.wanted).known : 0
  const score =
    fitOf(shape) * cleanliness({ records, dialect }) * weightOf(sample, shape, leading, records.length)
  const isNamed = header !== undefined && isHeader(header, dialect)
  return { quotings, delimiter, sample, shape, asked, known, leading, isNamed, score }
}

/** Sorts the better one first. */
export function better(a: Candidate, b: Candidate): number {
  return (
    b.asked - a.asked || b.known - a.known || Number(isSplit(b)) - Number(isSplit(a)) || b.score - a.score
  )
}

export function isSplit({ shape }: Candidate): boolean {
  return shape.fields > 1
}

/** More for a header that fits, and for comma, which is the usual delimiter; less for lines before the header. */
function weightOf({ records, dialect }: Sample, shape: Shape, leading: number, rest: number): number {
  const usual = dialect.delimiter === COMMA ? 1.05 : 1
  if (leading > 0) return usual * (0.4 + (0.4 * rest) / records.length)
  return shape.first === shape.fields ? usual : 0.5 * usual
}

/** For messages: `semicolon gives 3 fields in 40 of 41 records`, `comma gives 1 to 7 fields` */
export function said({ delimiter, shape }: Candidate): string {
  const { fields, fitting, records, least, most } = shape
  const name = nameOf(delimiter)
  if (fitOf(shape) < 0.9 && most > least) return `${name} gives ${least} to ${most} fields`
  return `${name} gives ${fields} ${fields === 1 ? 'field' : 'fields'} in ${fitting} of ${records} records`
}
