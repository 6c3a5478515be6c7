import { NO_QUOTE } from './csv/dialect.js'
import { DasyError, EXIT } from './errors.js'

/** How the values of options are spelled. Each parser refuses what it cannot take, and names the flag. */

export interface RejectLimit {
  readonly count: number | undefined
  readonly percent: number | undefined
}

/** @param what as the user wrote it: `--workers`, or the argument's name */
export function badValue(what: string, value: unknown, expected: string): DasyError {
  return badOption(`${what} "${String(value)}"`, expected, what)
}

/** @param option the flag, where more than that is shown */
export function badOption(shown: string, expected: string, option = shown): DasyError {
  return new DasyError('BAD_OPTION', `${shown}: ${expected}`, { exitStatus: EXIT.usage, details: { option } })
}

export function parseLimit(limit: number | string): RejectLimit {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(limit).trim()) ?? []
  const number = Number(digits)
  const fits = percent ? number <= 100 : Number.isSafeInteger(number)
  if (digits === undefined || !fits)
    throw badValue('--max-rejects', limit, 'it takes a count (12) or a percentage (0.5%)')
  return percent ? { count: undefined, percent: number } : { count: number, percent: undefined }
}

export function parseEncoding(encoding: string | undefined): string | undefined {
  if (encoding?.trim() === '') throw badValue('--encoding', encoding, 'it takes a name, such as LATIN1')
  return encoding?.trim()
}

/** Byte values; undefined where nobody has said. */
export interface DialectOptions {
  readonly delimiter: number | undefined
  readonly quote: number | undefined
  readonly escape: number | undefined
}

const NAMED: Readonly<Record<string, number>> = {
  tab: 9,
  '\\t': 9,
  comma: 44,
  semicolon: 59,
  pipe: 124,
  space: 32,
}

export function parseDialect(options: {
  delimiter?: string | undefined
  quote?: string | undefined
  escape?: string | undefined
}): DialectOptions {
  const delimiter = parseCharacter('--delimiter', options.delimiter, NAMED)
  const quote = parseCharacter('--quote', options.quote, { none: NO_QUOTE })
  const escaping = parseCharacter('--escape', options.escape, {})
  if (delimiter !== undefined && (delimiter === quote || delimiter === escaping))
    throw badValue('--delimiter', options.delimiter, 'it cannot be the quote or the escape as well')
  return { delimiter, quote, escape: escaping }
}

function parseCharacter(
  flag: string,
  text: string | undefined,
  named: Readonly<Record<string, number>>,
): number | undefined {
  if (text === undefined) return undefined
  const name = text.toLowerCase()
  const byte = Object.hasOwn(named, name) ? named[name] : text.length === 1 ? text.charCodeAt(0) : undefined
  // What PostgreSQL takes for COPY, and what cannot be part of another character.
  if (byte !== undefined && byte > 0 && byte < 128 && byte !== 10 && byte !== 13) return byte
  const names = Object.keys(named).filter((each) => /^[a-z]+$/.test(each))
  const also = names.length > 0 ? `, or ${names.join(', ')}` : ''
  throw badValue(flag, text, `it takes one ASCII character${also}`)
}

/** Columns, by commas or as a list. */
export function parseColumns(flag: string, columns: string | readonly string[]): string[] {
  const list = (typeof columns === 'string' ? columns.split(',') : [...columns]).map((each) => each.trim())
  if (list.length === 0 || list.includes(''))
    throw badValue(flag, columns, 'it takes a column or a list of columns')
  if (new Set(list).size < list.length) throw badValue(flag, list, 'a column is listed twice')
  return list
}

/** `price:numeric(10,2),stock:int`: a comma in parentheses belongs to the type. */
export function parseTypes(
  types: string | Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (types === undefined) return {}
  if (typeof types !== 'string') return { ...types }
  const parsed: Record<string, string> = {}
  for (const part of types.split(/,(?![^(]*\))/)) {
    const [, name, type] = /^\s*(.+?)\s*:\s*([^:]+?)\s*$/.exec(part) ?? []
    if (name === undefined || type === undefined)
      throw badValue('--types', types, 'it takes COLUMN:TYPE, or a list of them')
    if (Object.hasOwn(parsed, name)) throw badValue('--types', types, `"${name}" is listed twice`)
    parsed[name] = type
  }
  return parsed
}

/** It cannot hold what would end it, or the field. */
export function parseNullWord(
  word: string | undefined,
  { delimiter = 44, quote = 34 }: DialectOptions,
): string | undefined {
  if (word === '') throw badValue('--null', word, 'an unquoted empty field is NULL anyway; name another word')
  const forbidden = ['\r', '\n', '\0', String.fromCharCode(delimiter), String.fromCharCode(quote)]
  if (word !== undefined && forbidden.some((each) => word.includes(each)))
    throw badValue(
      '--null',
      word.replace(/\p{Cc}/gu, ' '),
      'it takes a word without delimiter, quote or line break',
    )
  return word
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
}

/** @returns bytes, or NaN for what is no size */
function parseSize(size: number | string): number {
  const [, digits, unit = ''] = /^(\d+) ?([a-z]*)$/i.exec(String(size).trim()) ?? []
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN)
}

/** Bytes. A longer record than the largest would not fit in a message to PostgreSQL. */
const LEAST_MAX_RECORD = 1024
const LARGEST_MAX_RECORD = 512 * 1024 * 1024

export function parseMaxRecord(size: number | string): number {
  const bytes = parseSize(size)
  if (bytes >= LEAST_MAX_RECORD && bytes <= LARGEST_MAX_RECORD) return bytes
  throw badValue('--max-record', size, 'it takes bytes from 1KiB to 512MiB, such as 1048576, 64MiB or 16MB')
}

/** Bytes; a position in staging has no room for more. */
const LARGEST_SOURCE = 2 ** 48

export function parseMaxSize(size: number | string): number {
  const bytes = parseSize(size)
  if (bytes >= 1 && bytes <= LARGEST_SOURCE) return bytes
  throw badValue('--max-size', size, 'it takes bytes up to 256TiB, such as 500000000, 50GB or 1TiB')
}

/** As PostgreSQL spells sizes, in units of 1024. @returns kB */
export function parseWorkMem(size: string): number {
  const [, digits, unit = ''] = /^(\d+) ?(kB|MB|GB)$/i.exec(size.trim()) ?? []
  const kilobytes = Number(digits) * ({ kb: 1, mb: 1024, gb: 1024 ** 2 }[unit.toLowerCase()] ?? Number.NaN)
  if (kilobytes >= 64 && kilobytes < 2 ** 31) return kilobytes
  throw badValue('--work-mem', size, 'it takes a size from 64kB to 2047GB, such as 64MB or 1GB')
}

export function oneOf<Value extends string>(flag: string, value: string, values: readonly Value[]): Value {
  if (values.includes(value as Value)) return value as Value
  throw badValue(flag, value, `it takes one of ${values.join(', ')}`)
}

export function wholeNumber(flag: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw badValue(flag, value, `it takes a whole number from ${least} to ${most}`)
}
