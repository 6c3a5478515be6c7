import { fold } from '../../base/fold.js'
import type { Dialect } from '../dialect.js'
import { fitOf, isEmpty, type Sample, type SampleRecord, shapeOf } from '../sample.js'
import { isNumberOrDate } from './cleanliness.js'
import type { Doubt, Given } from './detection.js'
import { namedBy, namesOf } from './wanted.js'

/** Rule 4 of the detection in docs/csv.md: lines that may be no records (titles, comments), and whether there is a header. */

/** The most records before the header. */
const MOST_LEADING = 30
/** The part of the records after them that must have the same number of fields. */
const ALIKE = 0.75

export interface LeadIn {
  /** Physical lines before the header. */
  readonly lines: number
  /** The header and the records after it, or all records. */
  readonly records: readonly SampleRecord[]
  /** 2 if the header names all requested columns, 1 if it names the key, else 0. */
  readonly asked: number
}

/** Finds lines before the header, by another number of fields or by blank cells. */
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
    // A title has fewer cells than most records; a header may have fewer than some.
    return header > 0 && wider * 2 > records.length - header ? behind(records, header) : none
  }
  return none
}

function behind(records: readonly SampleRecord[], index: number, asked = 0): LeadIn {
  const lines = index === 0 ? 0 : (records[index] as SampleRecord).line - 1
  return { lines, records: records.slice(index), asked }
}

/** The usual number of fields: that of the first record, if most have it, else that of the second half, which contains no title. */
function usualOf(records: readonly SampleRecord[]): number {
  const sound = withoutComments(records)
  const whole = shapeOf({ records: sound })
  if (whole.first === whole.fields && fitOf(whole) >= ALIKE) return whole.fields
  return shapeOf({ records: sound.slice(Math.floor(sound.length / 2)) }).fields
}

/** Records that begin with # but have the usual number of fields are no comments. */
export function withoutComments(records: readonly SampleRecord[]): readonly SampleRecord[] {
  const others = records.filter(({ bytes }) => bytes[0] !== HASH)
  if (others.length === records.length || others.length === 0) return records
  const { fields } = shapeOf({ records: others })
  return records.filter((record) => !isComment(record, fields))
}

/** Whether it is a title, and not the header of one column or of too few columns. */
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

/** @param fields the number that other records have */
function isComment(record: SampleRecord, fields: number): boolean {
  const { bytes } = record
  return (
    bytes[0] === HASH &&
    (record.countFor(fields) !== fields || /^#(?:[\s#!]|$)/.test(bytes.toString('latin1', 0, 2)))
  )
}

function hasBlankCells(record: SampleRecord, fields: number): boolean {
  // The last field may only follow a delimiter that ends each record.
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

/** Whether a record is a header: a column's other cells are numbers or dates, and its own is not. */
function isHeaderOf(record: SampleRecord, records: readonly SampleRecord[], dialect: Dialect): boolean {
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

/**
 * Doubts about lines, once the delimiter and the quotes are decided.
 * @param skipped lines before the sample
 */
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
    text: `${which} like ${what} before ${shown(header)}; --skip-lines ${lines} skips ${lines === 1 ? 'it' : 'them'}`,
    ...(isHeader(header, header.dialect) && { better: { skipLines: lines } }),
  }
}

function widthDoubt(first: SampleRecord, others: readonly SampleRecord[]): Doubt[] {
  const { fields: usual } = shapeOf({ records: others })
  const width = first.countFor(usual)
  // Empty fields after the last one do not count.
  const fields = Math.max(
    ...others.filter(({ count }) => count === usual).map((each) => each.countFor(width)),
    0,
  )
  const fitting = others.filter((record) => record.countFor(fields) === fields).length
  if (others.length === 0 || fields < 1 || width === fields || width < 1 || fitting < ALIKE * others.length)
    return []
  const text = `the header names ${width} ${width === 1 ? 'column' : 'columns'}, but ${fitting} of ${others.length} records have ${fields} fields; --skip-lines skips lines before the header, --no-header --columns names the columns`
  return [{ text }]
}

/** No option skips comments between records. */
function commentDoubt(records: readonly SampleRecord[], skipped: number): Doubt[] {
  const others = withoutComments(records)
  const isOther = new Set(others)
  const begun = records.slice(1).filter(({ bytes }) => bytes[0] === HASH)
  // If most records begin with #, these are no comments.
  const comments = begun.length * 2 < records.length ? begun : begun.filter((record) => !isOther.has(record))
  const [first] = comments
  if (!first) return []
  const which =
    comments.length === 1
      ? `line ${first.line + skipped} begins`
      : `${comments.length} lines begin, line ${first.line + skipped} first,`
  const text = `${which} with "#": comments are not skipped but read as records; if they have too few fields, --max-rejects ${comments.length} loads the others`
  return [{ text }]
}

/** The header looks like the records after it. */
function recordDoubt(first: SampleRecord, others: readonly SampleRecord[], dialect: Dialect): Doubt[] {
  const columns = valueColumns(others.slice(0, 20), dialect)
  const cells = namesOf(first, dialect)
  const alike = columns.filter((column) => isNumberOrDate(cells[column] ?? ''))
  if (alike.length === 0) return []
  const text = `the first line looks like a record and not like column names (${shown(first)}); --no-header --columns NAME,… reads it as a record`
  return [{ text }]
}

/** Without a header: the first record looks like one. */
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
  const text = `the first record ${what} (${shown(first)}) but is read as data; without --no-header it names the columns, --skip-lines ${skipped + first.line} skips it`
  return [{ text }]
}

/** The beginning of a record, for messages. */
function shown({ bytes }: SampleRecord): string {
  const [line = ''] = bytes
    .subarray(0, 200)
    .toString('utf8')
    .split(/[\r\n]/)
  const letters = [...line]
  return `"${letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : line}"`
}
