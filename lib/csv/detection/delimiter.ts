import { NO_QUOTE } from '../../contract/dialect-options.js'
import { nameOf } from '../describe.js'
import { fitOf, type Sample, type Shape, shapeOf } from '../sample.js'
import { cleanliness } from './cleanliness.js'
import type { Doubt, Given } from './detection.js'
import { isHeader, leadIn, withoutComments } from './lines.js'
import { Quotings } from './quoting.js'
import { namedBy } from './wanted.js'

/** Rules 1 and 2 of the detection in docs/csv.md: which delimiter a text has. */

const [COMMA, SEMICOLON, TAB, PIPE] = [0x2c, 0x3b, 0x09, 0x7c]
const DOUBLE_QUOTE = 0x22
export const DELIMITERS = [COMMA, SEMICOLON, TAB, PIPE]
/** A text of one column is read under the first of these that splits none of it. */
const FOR_ONE_COLUMN = [COMMA, TAB, PIPE, SEMICOLON]
/** Others that are only mentioned: they stand in words, times and addresses as well. */
const RARE = [0x5e, 0x7e, 0x3a, 0x1f, 0x20, 0x21, 0x23, 0x2a, 0x2f, 0x5f]

/** Which part of the records must have as many fields as most, where they are to be columns. */
const HALF = 0.5
/** Of a rival that makes sense, too; and of its score compared with that of the winner. */
const CONSISTENT = 0.75
const COMPARABLE = 0.35

/** A delimiter, with the quotes that it is judged with. */
interface Candidate {
  readonly quotings: Quotings
  readonly delimiter: number
  readonly sample: Sample
  readonly shape: Shape
  /** 2 where the header names all columns that are asked for, 1 where it names the key, else 0. */
  readonly asked: number
  /** How many columns of the table the header names. */
  readonly known: number
  /** Lines in front of what looks like the header, which are no part of its shape. */
  readonly leading: number
  /** Whether the first of the other records could name columns. */
  readonly isNamed: boolean
  /** How well the records fit together, and how clean their fields are. */
  readonly score: number
}

export interface ChosenDelimiter {
  readonly quotings: Quotings
  readonly doubts: readonly Doubt[]
}

export function chooseDelimiter(text: Buffer, given: Given, final: boolean): ChosenDelimiter {
  if (given.delimiter !== undefined)
    return { quotings: new Quotings(text, given.delimiter, given, final), doubts: [] }
  const present = DELIMITERS.filter((delimiter) => text.includes(delimiter))
  const asked = present.filter((delimiter) => namesAll(text, delimiter, given))
  const open = asked.length > 0 ? asked : present
  const judge = (delimiter: number) => best(new Quotings(text, delimiter, given, final), given)
  const columns = open
    .filter((delimiter) => open.length === 1 || mayMakeColumns(text, delimiter, given))
    .map(judge)
    .filter((candidate) => makesColumns(candidate, given))
    .sort(better)
  const [chosen] = columns
  if (!chosen) return oneColumn(text, given, final, present.map(judge))
  const rivals = columns.slice(1).filter((rival) => isRival(rival, chosen))
  return {
    quotings: chosen.quotings,
    doubts: rivals.slice(0, 1).map((rival) => ({
      text: `not sure of the delimiter: ${said(chosen)}, ${said(rival)}; --delimiter decides`,
    })),
  }
}

/** Whether the first record names all columns that are asked for: by rule 1 no other delimiter need be tried then. */
function namesAll(text: Buffer, delimiter: number, given: Given): boolean {
  if (!given.header || given.wanted.all.length === 0) return false
  return new Quotings(text, delimiter, given, false).firstOnly.some(
    ({ records: [first], dialect }) => namedBy(first, dialect, given.wanted).asked === 2,
  )
}

/** Bytes in which a delimiter that is none shows itself: most records have one field. */
const FIRST_LOOK = 4096

/** A cheap look beforehand. */
function mayMakeColumns(text: Buffer, delimiter: number, given: Given): boolean {
  if (text.length <= 2 * FIRST_LOOK) return true
  const { sample, shape, asked } = best(
    new Quotings(text.subarray(0, FIRST_LOOK), delimiter, given, false),
    given,
  )
  return shape.fields !== 1 || asked > 0 || sample.records.length < 10 || fitOf(shape) < 0.6
}

function best(quotings: Quotings, given: Given): Candidate {
  const candidates = quotings.all.map((sample) => candidateOf(quotings, sample, given))
  return candidates.sort(better)[0] as Candidate
}

function candidateOf(quotings: Quotings, sample: Sample, given: Given): Candidate {
  const { dialect } = sample
  const { delimiter } = dialect
  const { records: all, lines: leading, asked: named } = leadIn(sample, given)
  const records = withoutComments(all)
  const [header] = records
  // A header that names what is asked for is one: records have as many fields as it has.
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

/** The better one first. */
function better(a: Candidate, b: Candidate): number {
  return (
    b.asked - a.asked || b.known - a.known || Number(isSplit(b)) - Number(isSplit(a)) || b.score - a.score
  )
}

function isSplit({ shape }: Candidate): boolean {
  return shape.fields > 1
}

/** A header that fits speaks for a delimiter, lines in front of it against it; and comma is the usual one. */
function weightOf({ records, dialect }: Sample, shape: Shape, leading: number, rest: number): number {
  const usual = dialect.delimiter === COMMA ? 1.05 : 1
  if (leading > 0) return usual * (0.4 + (0.4 * rest) / records.length)
  return shape.first === shape.fields ? usual : 0.5 * usual
}

/** Whether its fields are columns: those of the header too, unless that seems to be a title. */
function makesColumns(candidate: Candidate, { header, columns }: Given): boolean {
  const { shape, asked, leading } = candidate
  if (!isSplit(candidate)) return false
  if (columns !== undefined) return asked > 0 || shape.fitting > 0
  if (asked > 0) return true
  if (fitOf(shape) < HALF) return false
  return !header || shape.first > 1 || leading > 0
}

function isRival(rival: Candidate, chosen: Candidate): boolean {
  if (rival.asked < chosen.asked || rival.known < chosen.known) return false
  if (splitsOnlyCells(rival, chosen) || splitsInQuotes(rival, chosen)) return false
  return fitOf(rival.shape) >= CONSISTENT && rival.score >= COMPARABLE * chosen.score
}

/** It would take the header of the chosen one for a title: what it finds stands within the cells of some column. */
function splitsOnlyCells(rival: Candidate, { leading, shape }: Candidate): boolean {
  if (rival.leading === 0 || leading > 0 || fitOf(shape) < 0.9) return false
  return shape.fields > rival.shape.fields || !rival.isNamed
}

/** It makes sense only if the quotes of nearly all records do not count, and they are all in their places. */
function splitsInQuotes(rival: Candidate, { sample }: Candidate): boolean {
  return rival.sample.dialect.quote === NO_QUOTE && isWellQuoted(sample)
}

function isWellQuoted({ records, quoted, faulty, dialect }: Sample): boolean {
  return dialect.quote === DOUBLE_QUOTE && faulty === 0 && quoted >= 0.75 * records.length
}

/** Nothing splits it: it is read so that the text of its only column stays whole, unless it is nothing but delimiters. */
function oneColumn(
  text: Buffer,
  given: Given,
  final: boolean,
  judged: readonly Candidate[],
): ChosenDelimiter {
  const quotings = (delimiter: number) => new Quotings(text, delimiter, given, final)
  const empty = FOR_ONE_COLUMN.map(quotings).find((each) => best(each, given).sample.records.length === 0)
  if (empty) return { quotings: empty, doubts: [] }
  const samples = FOR_ONE_COLUMN.map((delimiter) => oneColumnOf(quotings(delimiter), given))
  const whole = samples.find((candidate) => candidate !== undefined) ?? best(quotings(COMMA), given)
  return { quotings: whole.quotings, doubts: oneColumnDoubts(text, given, final, judged, whole) }
}

/** With the quotes under which each record is one field, if there are such. */
function oneColumnOf(quotings: Quotings, given: Given): Candidate | undefined {
  const sample = quotings.all.find((each) => fitOf(shapeOf(each, 1)) === 1)
  return sample && candidateOf(quotings, sample, given)
}

function oneColumnDoubts(
  text: Buffer,
  given: Given,
  final: boolean,
  judged: readonly Candidate[],
  whole: Candidate,
): Doubt[] {
  if (whole.asked > 1 && given.wanted.all.length > 0) return []
  /** A header of one column, and quotes around what would be split. */
  const isKeptWhole = (delimiter: number): boolean => {
    const quoted = new Quotings(text, delimiter, given, final)
    const sample = quoted.bestEscape(DOUBLE_QUOTE).sample
    const isOne = sample.needed > 0 && fitOf(shapeOf(sample, 1)) === 1
    return given.header && given.quote === undefined && isOne && shapeOf(quoted.without).first === 1
  }
  const splitting = judged.filter(({ sample, shape, delimiter }) => {
    const behind = shapeOf({ records: sample.records.slice(1) })
    const isColumns = behind.fields > 1 && fitOf(behind) >= CONSISTENT
    if (delimiter === whole.delimiter || isKeptWhole(delimiter)) return false
    return shape.first > 1 || isColumns || isTable(sample)
  })
  const [rival] = splitting.sort((a, b) => b.score - a.score)
  if (rival || whole.delimiter !== COMMA) {
    const seen = rival ? said(rival) : 'comma stands in some records'
    const delimiter = rival ? rival.delimiter : COMMA
    return [
      {
        text: `not sure of the delimiter: the file is taken for one column, but ${seen}; --delimiter ${shellValue(delimiter)} decides`,
      },
    ]
  }
  const rare = RARE.filter((delimiter) => text.includes(delimiter))
    .map((delimiter) => new Quotings(text, delimiter, given, final))
    .map((quotings) => candidateOf(quotings, quotings.bestEscape(given.quote ?? DOUBLE_QUOTE).sample, given))
    .filter(({ sample, shape }) => isRareFit(sample, shape, given))
    .sort((a, b) => b.asked - a.asked || b.shape.fields - a.shape.fields)[0]
  if (!rare) return fixedWidth(whole)
  const better = { delimiter: flagValue(rare.delimiter) }
  return [
    {
      text: `the file is taken for one column, but ${said(rare)}; --delimiter ${shellValue(rare.delimiter)} decides`,
      better,
    },
  ]
}

/** Rows between lines that only look like a frame. */
function isTable({ records }: Sample): boolean {
  const split = records.filter(({ count }) => count > 1)
  return split.length >= 3 && split.length * 3 >= records.length && fitOf(shapeOf({ records: split })) >= 0.9
}

function isRareFit({ records }: Sample, shape: Shape, { header }: Given): boolean {
  if (shape.fields < 2 || records.length < 2 || shape.records < 2) return false
  return fitOf(shape) >= 0.9 && (!header || shape.first === shape.fields)
}

/** Columns that only blanks keep apart, in every line at the same places or not. */
function fixedWidth({ sample }: Candidate): Doubt[] {
  const { records } = sample
  const counts = records.map(({ bytes }) => bytes.toString('latin1').trim().split(/ {2,}/).length)
  const [first = 0] = counts
  if (records.length < 2 || first < 2) return []
  if (counts.filter((count) => count === first).length < 0.75 * counts.length) return []
  return [
    {
      text: `the file is taken for one column, but several blanks keep ${first} columns apart: columns of a fixed width are not read; write them with a delimiter and name it with --delimiter`,
    },
  ]
}

function flagValue(delimiter: number): string {
  return delimiter === TAB ? 'tab' : delimiter === 0x20 ? 'space' : String.fromCharCode(delimiter)
}

function shellValue(delimiter: number): string {
  const value = flagValue(delimiter)
  return /^[\w,:^]/.test(value) ? value : `'${value}'`
}

/** `semicolon gives 3 fields in 40 of 41 records`, `comma gives 1 to 7 fields` */
function said({ delimiter, shape }: Candidate): string {
  const { fields, fitting, records, least, most } = shape
  const name = nameOf(delimiter)
  if (fitOf(shape) < 0.9 && most > least) return `${name} gives ${least} to ${most} fields`
  return `${name} gives ${fields} ${fields === 1 ? 'field' : 'fields'} in ${fitting} of ${records} records`
}
