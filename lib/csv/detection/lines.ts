import { fold } from '../../base/fold.js'
import type { Dialect } from '../dialect.js'
import { fitOf, isEmpty, type Sample, type SampleRecord, shapeOf } from '../sample.js'
import { isNumberOrDate } from './cleanliness.js'
import type { Doubt, Given } from './detection.js'
import { namedBy, namesOf } from './wanted.js'

/** Lines that may be no records: titles, comments, and the one that names the delimiter; and whether there is a header. */

/** So many records may stand in front of the header. */
const MOST_LEADING = 30
/** Which part of what stands behind them must be alike. */
const ALIKE = 0.75

export interface LeadIn {
  /** Physical lines in front of the header, 0 if there are none. */
  readonly lines: number
  /** The header and the records behind it, or all of them. */
  readonly records: readonly SampleRecord[]
  /** Whether the header names what is asked for: 2 all of it, 1 the key, else 0. */
  readonly asked: number
}

/** What stands in front of the records: with other numbers of fields, or with blank cells. */
export function leadIn({ records, dialect }: Sample, given: Given): LeadIn {
  const none = { lines: 0, records, asked: 0 }
  const head = records.slice(0, MOST_LEADING)
  const first = head[0]
  if (!first) return none
  if (given.header && given.wanted.all.length > 0) {
    const wanted = { ...given.wanted, known: [] }
    for (const [index, record] of head.entries()) {
      const { asked } = namedBy(record, dialect, wanted)
      if (asked > 0) return behind(records, index, asked)
    }
  }
  const fields = given.columns ?? usualOf(records)
  const isOdd = (record: SampleRecord) => record.countFor(fields) !== fields || isComment(record, fields)
  const start = head.findIndex((record) => !isOdd(record))
  const leading = head.slice(0, Math.max(0, start))
  if (leading.length > 0 && leading.every((record) => isComment(record, fields)))
    return behind(records, start)
  if (start > 0 && fields > 1) {
    const rest = withoutComments(records.slice(start))
    const isLonger = leading.some((record) => record.countFor(fields) > fields && !isComment(record, fields))
    const isTitle =
      isComment(first, fields) || (!isLonger && (start > 1 || looksLikeTitle(first, rest, dialect)))
    return fitOf(shapeOf({ records: rest }, fields)) >= ALIKE && isTitle ? behind(records, start) : none
  }
  if (start === 0 && given.header && hasBlankCells(first, fields)) {
    const header = head.findIndex((record) => !isOdd(record) && isHeader(record, dialect))
    const wider = records.slice(header).filter((record) => filledCells(record) > filledCells(first)).length
    // A title has fewer cells than most records; a header may be of fewer than some.
    return header > 0 && wider * 2 > records.length - header ? behind(records, header) : none
  }
  return none
}

function behind(records: readonly SampleRecord[], index: number, asked = 0): LeadIn {
  const lines = index === 0 ? 0 : (records[index] as SampleRecord).line - 1
  return { lines, records: records.slice(index), asked }
}

/** How many fields most records have: as many as the first one, if that fits, else as those of the later half, in which no title stands. */
function usualOf(records: readonly SampleRecord[]): number {
  const sound = withoutComments(records)
  const whole = shapeOf({ records: sound })
  if (whole.first === whole.fields && fitOf(whole) >= ALIKE) return whole.fields
  return shapeOf({ records: sound.slice(Math.floor(sound.length / 2)) }).fields
}

/** Records that are alike in their number of fields are none of them comments, whatever they begin with. */
export function withoutComments(records: readonly SampleRecord[]): readonly SampleRecord[] {
  const others = records.filter(({ bytes }) => bytes[0] !== HASH)
  if (others.length === records.length || others.length === 0) return records
  const { fields } = shapeOf({ records: others })
  return records.filter((record) => !isComment(record, fields))
}

/** Not the header of a single column, or of fewer columns than there are. */
function looksLikeTitle(
  first: SampleRecord,
  [next, ...others]: readonly SampleRecord[],
  dialect: Dialect,
): boolean {
  if (!next) return false
  if (isHeaderOf(next, others, dialect)) return true
  if (first.count > 1) return false
  const [name = ''] = namesOf(first, dialect)
  return /[\s:]/.test(name) && isHeader(next, dialect)
}

const HASH = 0x23

/** @param fields of the records that are none */
function isComment(record: SampleRecord, fields: number): boolean {
  const { bytes } = record
  return (
    bytes[0] === HASH &&
    (record.countFor(fields) !== fields || /^#(?:[\s#!]|$)/.test(bytes.toString('latin1', 0, 2)))
  )
}

function hasBlankCells(record: SampleRecord, fields: number): boolean {
  // The last one may be behind a delimiter that ends each record.
  return record.fields.slice(0, record.countFor(fields) - 1).some(isEmpty)
}

function filledCells({ fields }: SampleRecord): number {
  return fields.filter((field) => !isEmpty(field)).length
}

/** Whether the cells could name columns. */
export function isHeader(record: SampleRecord, dialect: Dialect): boolean {
  const names = namesOf(record, dialect)
  const filled = names.at(-1) === '' ? names.slice(0, -1) : names
  const isName = (name: string): boolean => name !== '' && !isNumberOrDate(name)
  return filled.length > 0 && filled.every(isName) && new Set(filled).size === filled.length
}

/** Whether there is a column whose cells are numbers or dates, but for that of this record. */
export function isHeaderOf(
  record: SampleRecord,
  records: readonly SampleRecord[],
  dialect: Dialect,
): boolean {
  if (!isHeader(record, dialect) || records.length === 0) return false
  return valueColumns(records.slice(0, 20), dialect).some((column) => column < record.fields.length)
}

/** The columns in which every cell that is not empty is a number or a date. */
function valueColumns(records: readonly SampleRecord[], dialect: Dialect): number[] {
  const sound = records.filter(({ count }) => count > 0).map((record) => namesOf(record, dialect))
  const width = Math.max(0, ...sound.map(({ length }) => length))
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    const cells = sound.map((cells) => cells[column] ?? '').filter((cell) => cell !== '')
    return cells.length > 0 && cells.every(isNumberOrDate)
  })
}

/** What is to be said of the lines of a sample whose delimiter and quotes are decided. */
export function lineDoubts(sample: Sample, given: Given, skipped: number): Doubt[] {
  const { records, dialect } = sample
  const [first, ...others] = records
  if (!first) return []
  const { lines, records: rest, asked } = leadIn(sample, given)
  const [header] = rest
  const named = asked > 0
  const leading = records.slice(0, records.length - rest.length)
  return [
    ...(lines > 0 ? [leadingDoubt(lines + skipped, header as SampleRecord, leading)] : []),
    ...(lines === 0 && given.header ? widthDoubt(first, others) : []),
    ...commentDoubt(rest, skipped),
    ...(given.header
      ? lines === 0 && !named
        ? recordDoubt(first, others, dialect)
        : []
      : headerDoubt(first, others, dialect, given, skipped)),
  ]
}

function leadingDoubt(lines: number, header: SampleRecord, leading: readonly SampleRecord[]): Doubt {
  const what = leading.every(({ bytes }) => bytes[0] === HASH) ? 'comments' : 'a title'
  const which = lines === 1 ? 'the first line looks' : `the first ${lines} lines look`
  return {
    text: `${which} like ${what} in front of ${shown(header)}; --skip-lines ${lines} passes over ${lines === 1 ? 'it' : 'them'}`,
    ...(isHeader(header, header.dialect) && { better: { skipLines: lines } }),
  }
}

function widthDoubt(first: SampleRecord, others: readonly SampleRecord[]): Doubt[] {
  const { fields: usual } = shapeOf({ records: others })
  const width = first.countFor(usual)
  // Empty fields behind the last one are none.
  const fields = Math.max(
    ...others.filter(({ count }) => count === usual).map((each) => each.countFor(width)),
    0,
  )
  const fitting = others.filter((record) => record.countFor(fields) === fields).length
  if (others.length === 0 || fields < 1 || width === fields || width < 1 || fitting < ALIKE * others.length)
    return []
  const text = `the header names ${width} ${width === 1 ? 'column' : 'columns'}, but ${fitting} of ${others.length} records have ${fields} fields; --skip-lines passes over lines in front of the header, --no-header --columns names the columns`
  return [{ text }]
}

/** There is nothing that passes over comments between records. */
function commentDoubt(records: readonly SampleRecord[], skipped: number): Doubt[] {
  const others = withoutComments(records)
  const isOther = new Set(others)
  const begun = records.slice(1).filter(({ bytes }) => bytes[0] === HASH)
  // Where most records begin like this, they are none.
  const comments = begun.length * 2 < records.length ? begun : begun.filter((record) => !isOther.has(record))
  const [first] = comments
  if (!first) return []
  const which =
    comments.length === 1
      ? `line ${first.line + skipped} begins`
      : `${comments.length} lines begin, line ${first.line + skipped} first,`
  const text = `${which} with "#": comments are not left out but read as records; where they have too few fields, --max-rejects ${comments.length} goes on without them`
  return [{ text }]
}

/** A header that looks like the records behind it. */
function recordDoubt(first: SampleRecord, others: readonly SampleRecord[], dialect: Dialect): Doubt[] {
  const columns = valueColumns(others.slice(0, 20), dialect)
  const cells = namesOf(first, dialect)
  const alike = columns.filter((column) => isNumberOrDate(cells[column] ?? ''))
  if (alike.length === 0) return []
  const text = `the first line looks like a record and not like names of columns (${shown(first)}); --no-header --columns NAME,… reads it as one`
  return [{ text }]
}

/** A first record that looks like a header, where there is to be none. */
function headerDoubt(
  first: SampleRecord,
  others: readonly SampleRecord[],
  dialect: Dialect,
  { names = [] }: Given,
  skipped: number,
): Doubt[] {
  const cells = namesOf(first, dialect).map(fold)
  const columns = names.map(fold)
  const same = cells.filter((cell) => cell !== '' && columns.includes(cell)).length
  const isNamed = same > 0 && same * 2 >= cells.length
  if (!isNamed && !isHeaderOf(first, others, dialect)) return []
  const order = isNamed && cells.some((cell, index) => columns.includes(cell) && cell !== columns[index])
  const what = order ? 'names the columns in another order' : 'looks like a header'
  const text = `the first record ${what} (${shown(first)}) but is read as data; without --no-header it names the columns, --skip-lines ${skipped + first.line} passes over it`
  return [{ text }]
}

/** The beginning of a record, as it stands in a message. */
function shown({ bytes }: SampleRecord): string {
  const [line = ''] = bytes
    .subarray(0, 200)
    .toString('utf8')
    .split(/[\r\n]/)
  const letters = [...line]
  return `"${letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : line}"`
}
