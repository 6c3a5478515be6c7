import { availableParallelism } from 'node:os'
import { DasyError, EXIT } from './errors.js'
import { OWN_SCHEMA } from './own-schema.js'
import type { Progress } from './progress.js'

/**
 * What a caller can ask of a load, and what it gets where it asks nothing. The command line and the library
 * share this one module: nothing else declares a default.
 */

export type OnConflict = 'update' | 'skip' | 'error'
export type OnDuplicate = 'last' | 'first' | 'error'

export interface DatabaseOptions {
  /** postgresql://…; without it DATABASE_URL, the PG* variables, then the embedded server. */
  databaseUrl?: string | undefined
  /** Told, a line each, what the person who waits should know. */
  note?: ((line: string) => void) | undefined
}

export interface LoadOptions extends DatabaseOptions {
  /** `products`, or `schema.table`; quote a part that holds a dot. */
  table?: string | undefined
  /** The key's columns: `'sku'`, `'sku,name'` or `['sku', 'name']`. */
  key?: string | readonly string[] | undefined
  /** Which record of a repeated key counts. */
  duplicates?: OnDuplicate | undefined
  /** What happens to a row whose key the table holds already. */
  onConflict?: OnConflict | undefined
  /** Leave out keys that the table does not hold (update only). */
  existingOnly?: boolean | undefined
  /** Add columns that the file brings to a table that dasy did not make (ingest only). */
  addColumns?: boolean | undefined
  /** Worker threads, each with a connection of its own. */
  workers?: number | undefined
  /** How many records may be rejected: a count, or a percentage of the records read such as `'0.5%'`. */
  maxRejects?: number | string | undefined
  /** What the file is in: any encoding that PostgreSQL converts, by its name there. */
  encoding?: string | undefined
  /** A word that means NULL where a field without quotes is just that; the empty field means it as well. */
  null?: string | undefined
  /** Load records whose quotes are misplaced, with the quotes as text. */
  lenientQuotes?: boolean | undefined
  /** The longest record: bytes, or `'16MiB'`. */
  maxRecord?: number | string | undefined
  /** Bytes a worker takes at a time; chosen by the file's size where it is not given. */
  rangeSize?: number | undefined
  /** What a sort or a hash table may take on the server before it spills to disk: `'128MB'`. */
  workMem?: string | undefined
  /** Processes of the server that may help a statement of the merge; the server's own setting if not given. */
  parallel?: number | undefined
  /** Begin anew, although an earlier run of the same file and options could be gone on with. */
  restart?: boolean | undefined
  /** Seconds for which a lost connection, or what else passes, is tried again. */
  retryFor?: number | undefined
  /** Told how far the load is. */
  progress?: Progress | undefined
  /** Ends the load early; the table stays as it was. */
  signal?: AbortSignal | undefined
}

/** What may be said anew when somebody goes on with a run. */
export type ResumeOptions = DatabaseOptions &
  Pick<
    LoadOptions,
    'maxRejects' | 'workers' | 'rangeSize' | 'workMem' | 'parallel' | 'retryFor' | 'progress' | 'signal'
  >

/** How an aggregate is kept: right at any moment, only by command, or as a view. */
export type AggregateKind = 'live' | 'manual' | 'view'

export interface AggregateOptions extends DatabaseOptions {
  /** A table (kept up to date) or a view. */
  as?: 'table' | 'view' | undefined
  /** The aggregate's name, where the usual one does not suit. */
  into?: string | undefined
  /** Only this command refreshes it. */
  manual?: boolean | undefined
  /** Remove it. */
  drop?: boolean | undefined
  /** How many of the largest groups to tell. */
  top?: number | undefined
}

export interface RejectLimit {
  readonly count: number | undefined
  readonly percent: number | undefined
}

/** Options with every default filled in and every value checked. */
export interface Settings {
  readonly table: TableName
  readonly key: readonly string[]
  readonly duplicates: OnDuplicate
  readonly onConflict: OnConflict
  readonly existingOnly: boolean
  readonly addColumns: boolean
  readonly workers: number
  readonly maxRejects: RejectLimit
  /** As the user spells it. */
  readonly encoding: string | undefined
  readonly nullWord: string | undefined
  readonly lenientQuotes: boolean
  /** Bytes. */
  readonly maxRecord: number
  readonly rangeSize: number | undefined
  /** kB, of 1024 bytes. */
  readonly workMem: number
  readonly parallel: number | undefined
  readonly restart: boolean
  readonly patienceMs: number
}

export interface TableName {
  readonly schema: string | undefined
  readonly name: string
}

export const defaults = {
  table: 'products',
  key: 'sku',
  duplicates: 'last',
  onConflict: 'update',
  maxRejects: 0,
  retryFor: 60,
  maxRecord: '64MiB',
  workMem: '128MB',
} as const satisfies LoadOptions

/** Bytes. A longer record than the largest would not fit in a message to PostgreSQL. */
const LEAST_MAX_RECORD = 1024
const LARGEST_MAX_RECORD = 512 * 1024 * 1024

/** @throws DasyError BAD_OPTION (exit status 2) that names the flag */
export function settle(options: LoadOptions): Settings {
  return {
    table: parseTableName(options.table ?? defaults.table),
    key: parseKey(options.key ?? defaults.key),
    duplicates: oneOf('--duplicates', options.duplicates ?? defaults.duplicates, ['last', 'first', 'error']),
    onConflict: oneOf('--on-conflict', options.onConflict ?? defaults.onConflict, [
      'update',
      'skip',
      'error',
    ]),
    existingOnly: options.existingOnly ?? false,
    addColumns: options.addColumns ?? false,
    workers: wholeNumber('--workers', options.workers ?? availableParallelism(), 1, 256),
    maxRejects: parseLimit(options.maxRejects ?? defaults.maxRejects),
    encoding: parseEncoding(options.encoding),
    nullWord: parseNullWord(options.null),
    lenientQuotes: options.lenientQuotes ?? false,
    maxRecord: parseMaxRecord(options.maxRecord ?? defaults.maxRecord),
    rangeSize:
      options.rangeSize === undefined
        ? undefined
        : wholeNumber('--range-size', options.rangeSize, 1, Number.MAX_SAFE_INTEGER),
    workMem: parseWorkMem(options.workMem ?? defaults.workMem),
    parallel:
      options.parallel === undefined ? undefined : wholeNumber('--parallel', options.parallel, 0, 1024),
    restart: options.restart ?? false,
    patienceMs: wholeNumber('--retry-for', options.retryFor ?? defaults.retryFor, 0, 86_400) * 1000,
  }
}

/** What of the settings decides about the outcome, and not only about the way there. */
export function outcomeOptions(settings: Settings): Record<string, unknown> {
  const { workers, rangeSize, workMem, parallel, restart, patienceMs, ...rest } = settings
  return rest
}

/** The settings of a run that somebody goes on with. @param stored its `outcomeOptions` */
export function resettle(stored: Record<string, unknown>, options: ResumeOptions): Settings {
  const anew = settle(options)
  const { maxRejects } = options.maxRejects === undefined ? (stored as Pick<Settings, 'maxRejects'>) : anew
  return { ...anew, ...stored, maxRejects }
}

/** @param what as the user wrote it: `--workers`, or the argument's name */
export function badValue(what: string, value: unknown, expected: string): DasyError {
  return new DasyError('BAD_OPTION', `${what} "${String(value)}": ${expected}`, {
    exitStatus: EXIT.usage,
    details: { option: what },
  })
}

/** `table` or `schema.table`; a part in double quotes may hold anything. */
export function parseTableName(text: string, what = '--table'): TableName {
  const part = '("(?:[^"]|"")+"|[^".]+)'
  const found = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text.trim())
  const [schema, name] = [found?.[1], found?.[2]].map((each) =>
    each?.startsWith('"') ? each.slice(1, -1).replaceAll('""', '"') : each,
  )
  if (name === undefined) throw badValue(what, text, 'it takes TABLE or SCHEMA.TABLE')
  for (const each of [schema, name]) {
    if (each !== undefined && Buffer.byteLength(each) > 63)
      throw badValue(what, text, 'a name has at most 63 bytes')
  }
  if (schema === OWN_SCHEMA) throw badValue(what, text, 'the schema dasy is for what dasy keeps for itself')
  return { schema, name }
}

export function displayName({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

function parseKey(key: string | readonly string[]): string[] {
  const columns = (typeof key === 'string' ? key.split(',') : [...key]).map((each) => each.trim())
  if (columns.length === 0 || columns.includes(''))
    throw badValue('--key', key, 'it takes a column or a list of columns')
  if (new Set(columns).size < columns.length) throw badValue('--key', columns, 'a column stands there twice')
  return columns
}

function parseLimit(limit: number | string): RejectLimit {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(limit).trim()) ?? []
  const number = Number(digits)
  const fits = percent ? number <= 100 : Number.isSafeInteger(number)
  if (digits === undefined || !fits)
    throw badValue('--max-rejects', limit, 'it takes a count (12) or a percentage (0.5%)')
  return percent ? { count: undefined, percent: number } : { count: number, percent: undefined }
}

function parseEncoding(encoding: string | undefined): string | undefined {
  if (encoding?.trim() === '') throw badValue('--encoding', encoding, 'it takes a name, such as LATIN1')
  return encoding?.trim()
}

function parseNullWord(word: string | undefined): string | undefined {
  if (word === '') throw badValue('--null', word, 'an unquoted empty field is NULL anyway; name another word')
  if (word !== undefined && /[",\r\n\0]/.test(word))
    throw badValue(
      '--null',
      word.replace(/\p{Cc}/gu, ' '),
      'it takes a word without comma, double quote or line break',
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
  kb: 1000,
  mb: 1000 ** 2,
}

function parseMaxRecord(size: number | string): number {
  const [, digits, unit = ''] = /^(\d+) ?([a-z]*)$/i.exec(String(size).trim()) ?? []
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN)
  if (bytes >= LEAST_MAX_RECORD && bytes <= LARGEST_MAX_RECORD) return bytes
  throw badValue('--max-record', size, 'it takes bytes from 1KiB to 512MiB, such as 1048576, 64MiB or 16MB')
}

/** As PostgreSQL spells sizes, in units of 1024. @returns kB */
function parseWorkMem(size: string): number {
  const [, digits, unit = ''] = /^(\d+) ?(kB|MB|GB)$/i.exec(size.trim()) ?? []
  const kilobytes = Number(digits) * ({ kb: 1, mb: 1024, gb: 1024 ** 2 }[unit.toLowerCase()] ?? Number.NaN)
  if (kilobytes >= 64 && kilobytes < 2 ** 31) return kilobytes
  throw badValue('--work-mem', size, 'it takes a size from 64kB to 2047GB, such as 64MB or 1GB')
}

function oneOf<Value extends string>(flag: string, value: string, values: readonly Value[]): Value {
  if (values.includes(value as Value)) return value as Value
  throw badValue(flag, value, `it takes one of ${values.join(', ')}`)
}

function wholeNumber(flag: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw badValue(flag, value, `it takes a whole number from ${least} to ${most}`)
}
