import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import {
  badValue,
  type DialectOptions,
  oneOf,
  parseDialect,
  parseEncoding,
  parseKey,
  parseLimit,
  parseMaxRecord,
  parseMaxSize,
  parseNames,
  parseNullWord,
  parseTypes,
  parseWorkMem,
  type RejectLimit,
  wholeNumber,
} from './option-values.js'
import {
  defaults,
  type LoadOptions,
  type OnConflict,
  type OnDuplicate,
  type ResumeOptions,
} from './options.js'
import { parseTableName, type TableName } from './table-name.js'

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
  readonly dialect: DialectOptions
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** What a file without a header has. */
  readonly columns: readonly string[] | undefined
  readonly skipLines: number
  readonly trim: boolean
  /** As the user spells it. */
  readonly encoding: string | undefined
  readonly nullWord: string | undefined
  readonly lenientQuotes: boolean
  /** Bytes. */
  readonly maxRecord: number
  /** Bytes. */
  readonly maxSize: number
  readonly maxRatio: number
  readonly map: Readonly<Record<string, string>>
  readonly ignore: readonly string[]
  readonly set: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, string>>
  readonly infer: boolean
  /** Absolute paths. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly rangeSize: number | undefined
  /** kB, of 1024 bytes. */
  readonly workMem: number
  readonly parallel: number | undefined
  readonly restart: boolean
  readonly patienceMs: number
}

/** @throws DasyError BAD_OPTION (exit status 2) that names the flag */
export function settle(options: LoadOptions): Settings {
  const dialect = parseDialect(options)
  const columns = parseNames('--columns', options.columns)
  const header = options.header ?? true
  if (!header && !columns) throw badValue('--no-header', '', 'name the columns with --columns')
  if (header && columns) throw badValue('--columns', columns, 'it is for files without a header: --no-header')
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
    dialect,
    header,
    columns,
    skipLines: wholeNumber('--skip-lines', options.skipLines ?? 0, 0, 1_000_000),
    trim: options.trim ?? false,
    encoding: parseEncoding(options.encoding),
    nullWord: parseNullWord(options.null, dialect),
    lenientQuotes: options.lenientQuotes ?? false,
    maxRecord: parseMaxRecord(options.maxRecord ?? defaults.maxRecord),
    maxSize: parseMaxSize(options.maxSize ?? defaults.maxSize),
    maxRatio: wholeNumber('--max-ratio', options.maxRatio ?? defaults.maxRatio, 1, Number.MAX_SAFE_INTEGER),
    map: { ...options.map },
    ignore: parseNames('--ignore', options.ignore) ?? [],
    set: { ...options.set },
    types: parseTypes(options.types),
    infer: options.infer ?? false,
    before: [options.before ?? []].flat().map((path) => resolve(path)),
    after: [options.after ?? []].flat().map((path) => resolve(path)),
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
