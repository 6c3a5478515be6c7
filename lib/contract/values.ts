import { DasyError, EXIT } from '../base/errors.js'
import { LARGEST_SOURCE } from '../base/position.js'

/** Parsers for the values of options. Each throws a BAD_OPTION that names the flag and the valid values. */

/** A limit: a count, or a percentage of all (of the records read, or of the rows in question). The other one is undefined. */
export interface Limit {
  readonly count: number | undefined
  readonly percent: number | undefined
}

/**
 * BAD_OPTION: `--workers "x": must be a whole number`.
 * @param what the flag or argument that has the value
 * @param why the value is refused
 */
export function badValue(what: string, value: unknown, why: string): DasyError {
  return badOption(`${what} "${String(value)}"`, why, what)
}

/**
 * BAD_OPTION: `--no-header: name the columns with --columns`.
 * @param shown the beginning of the message
 * @param option the flag alone, for programs
 */
export function badOption(shown: string, why: string, option = shown): DasyError {
  return new DasyError('BAD_OPTION', `${shown}: ${why}`, { exitStatus: EXIT.usage, details: { option } })
}

export function parseLimit(flag: string, limit: number | string): Limit {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(limit).trim()) ?? []
  const number = Number(digits)
  const fits = percent ? number <= 100 : Number.isSafeInteger(number)
  if (digits === undefined || !fits)
    throw badValue(flag, limit, 'must be a count (12) or a percentage (0.5%)')
  return percent ? { count: undefined, percent: number } : { count: number, percent: undefined }
}

/** Whether a count is more than its limit allows, exactly: 3 of 3,000 is not more than 0.1%. */
export function exceeds({ count: most, percent }: Limit, count: number, all: number): boolean {
  if (percent === undefined) return count > (most ?? 0)
  const [whole = '0', fraction = ''] = percent.toFixed(12).split('.')
  const parts = BigInt(whole + fraction)
  return BigInt(count) * 100n * 10n ** BigInt(fraction.length) > parts * BigInt(all)
}

export function parseEncoding(encoding: string | undefined): string | undefined {
  if (encoding?.trim() === '') throw badValue('--encoding', encoding, 'must be a name, such as LATIN1')
  return encoding?.trim()
}

/** Column names: a list, or a text with commas between them. */
export function parseColumns(flag: string, columns: string | readonly string[]): string[] {
  const list = (typeof columns === 'string' ? columns.split(',') : [...columns]).map((each) => each.trim())
  if (list.length === 0 || list.includes(''))
    throw badValue(flag, columns, 'must be a column or a list of columns')
  if (new Set(list).size < list.length) throw badValue(flag, list, 'a column is listed twice')
  return list
}

/** Types by column name, from `price:numeric(10,2),stock:int`: a comma in parentheses belongs to the type. */
export function parseTypes(
  types: string | Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (types === undefined) return {}
  if (typeof types !== 'string') return { ...types }
  const parsed: Record<string, string> = {}
  for (const part of types.split(/,(?![^(]*\))/)) {
    const [, name, type] = /^\s*(.+?)\s*:\s*([^:]+?)\s*$/.exec(part) ?? []
    if (name === undefined || type === undefined)
      throw badValue('--types', types, 'must be COLUMN:TYPE, or a list of these')
    if (Object.hasOwn(parsed, name)) throw badValue('--types', types, `"${name}" is listed twice`)
    parsed[name] = type
  }
  return parsed
}

/** An object from a flag that is given several times, each time with NAME=VALUE. */
export function parsePairs(
  flag: string,
  given: readonly string[] | undefined,
): Record<string, string> | undefined {
  if (given === undefined) return undefined
  const parsed: Record<string, string> = {}
  for (const pair of given) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at < 1 || name === '') throw badValue(flag, pair, 'must be NAME=VALUE')
    if (Object.hasOwn(parsed, name)) throw badValue(flag, pair, `"${name}" is given twice`)
    parsed[name] = pair.slice(at + 1)
  }
  return parsed
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

/** @returns bytes, or NaN if it is not a size */
export function parseSize(size: number | string): number {
  const [, digits, unit = ''] = /^(\d+) ?([a-z]*)$/i.exec(String(size).trim()) ?? []
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN)
}

/** Bytes. A longer record would not fit in a message to PostgreSQL. */
const LEAST_MAX_RECORD = 1024
const LARGEST_MAX_RECORD = 512 * 1024 * 1024

export function parseMaxRecord(size: number | string): number {
  const bytes = parseSize(size)
  if (bytes >= LEAST_MAX_RECORD && bytes <= LARGEST_MAX_RECORD) return bytes
  throw badValue('--max-record', size, 'must be a size from 1KiB to 512MiB, such as 1048576, 64MiB or 16MB')
}

export function parseMaxSize(size: number | string): number {
  const bytes = parseSize(size)
  if (bytes >= 1 && bytes <= LARGEST_SOURCE) return bytes
  throw badValue('--max-size', size, 'must be a size of at most 256TiB, such as 500000000, 50GB or 1TiB')
}

/**
 * A size in PostgreSQL's spelling, whose units are powers of 1024.
 * @returns kB
 */
export function parseWorkMem(size: string): number {
  const [, digits, unit = ''] = /^(\d+) ?(kB|MB|GB)$/i.exec(size.trim()) ?? []
  const kilobytes = Number(digits) * ({ kb: 1, mb: 1024, gb: 1024 ** 2 }[unit.toLowerCase()] ?? Number.NaN)
  if (kilobytes >= 64 && kilobytes < 2 ** 31) return kilobytes
  throw badValue('--work-mem', size, 'must be a size from 64kB to 2047GB, such as 64MB or 1GB')
}

export function oneOf<Value extends string>(flag: string, value: string, values: readonly Value[]): Value {
  if (values.includes(value as Value)) return value as Value
  throw badValue(flag, value, `must be one of ${values.join(', ')}`)
}

export function wholeNumber(flag: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const end = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`
  throw badValue(flag, value, `must be a whole number from ${least} ${end}`)
}

/** A positive whole number, as text or as a number: the number of a run, or how many runs. */
export function parseCount(what: string, value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (Number.isSafeInteger(number) && (number as number) > 0) return number as number
  throw badValue(what, value, 'must be a whole number from 1 on')
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * A duration: seconds, or `30m`, `12h`, `7d`.
 * @returns seconds
 */
export function parseAge(flag: string, age: number | string): number {
  const [, digits, unit = ''] = /^(\d+)([smhd])$/.exec(String(age)) ?? []
  const seconds = typeof age === 'number' ? age : Number(digits) * (SECONDS[unit] ?? Number.NaN)
  if (seconds >= 0 && Number.isFinite(seconds)) return seconds
  throw badValue(flag, age, 'must be a duration such as 30m, 12h or 7d')
}

/**
 * A duration that may be short: seconds such as 0.5, or `2s`, `1m`.
 * @returns seconds
 */
export function parseSeconds(flag: string, value: number | string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(String(value)) ?? []
  const seconds = Number(digits) * (SECONDS[unit || 's'] ?? Number.NaN)
  if (Number.isFinite(seconds) && seconds > 0) return seconds
  throw badValue(flag, value, 'must be seconds, such as 0.5 or 2, or a duration such as 1m')
}
