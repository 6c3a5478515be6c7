import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type AggregateSetting, parseAggregates } from './aggregates.js'
import { type DialectOptions, parseDialect, parseNullWord } from './dialect-options.js'
import {
  defaults,
  type LoadOptions,
  type OnConflict,
  type OnDuplicate,
  type ResumeOptions,
} from './options.js'
import { markOf, type ReadSqlFile, type SqlFile, type SqlFileMark } from './sql-file.js'
import { parseTableName, type TableName } from './table-name.js'
import {
  badOption,
  badValue,
  oneOf,
  parseColumns,
  parseEncoding,
  parseLimit,
  parseMaxRecord,
  parseMaxSize,
  parseTypes,
  parseWorkMem,
  type RejectLimit,
  wholeNumber,
} from './values.js'

/** Options with every default filled in and every value checked. */
export interface Settings {
  readonly table: TableName
  readonly key: readonly string[]
  readonly duplicates: OnDuplicate
  readonly onConflict: OnConflict
  readonly existingOnly: boolean
  readonly addColumns: boolean
  readonly trustOwner: boolean
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
  readonly before: readonly SqlFile[]
  readonly after: readonly SqlFile[]
  readonly aggregates: readonly AggregateSetting[]
  readonly rangeSize: number | undefined
  /** kB, of 1024 bytes. */
  readonly workMem: number
  readonly parallel: number | undefined
  readonly restart: boolean
  readonly patienceMs: number
}

/** @throws DasyError BAD_OPTION (exit status 2) that names the flag, SQL_FILE_UNREADABLE, SQL_FILE_FAILED */
export function resolveOptions(options: LoadOptions, read: ReadSqlFile): Settings {
  const dialect = parseDialect(options)
  const columns = options.columns === undefined ? undefined : parseColumns('--columns', options.columns)
  const header = options.header ?? true
  if (!header && !columns) throw badOption('--no-header', 'name the columns with --columns')
  if (header && columns) throw badValue('--columns', columns, 'it is for files without a header: --no-header')
  return {
    table: parseTableName(options.table ?? defaults.table),
    key: parseColumns('--key', options.key ?? defaults.key),
    duplicates: oneOf('--duplicates', options.duplicates ?? defaults.duplicates, ['last', 'first', 'error']),
    onConflict: oneOf('--on-conflict', options.onConflict ?? defaults.onConflict, [
      'update',
      'skip',
      'error',
    ]),
    existingOnly: options.existingOnly ?? false,
    addColumns: options.addColumns ?? false,
    trustOwner: options.trustOwner ?? false,
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
    ignore: options.ignore === undefined ? [] : parseColumns('--ignore', options.ignore),
    set: { ...options.set },
    types: parseTypes(options.types),
    infer: options.infer ?? false,
    before: readSqlFiles(options.before, read),
    after: readSqlFiles(options.after, read),
    aggregates: parseAggregates(options.aggregates),
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
  const { trustOwner, workers, rangeSize, workMem, parallel, restart, patienceMs, before, after, ...rest } =
    settings
  return { ...rest, before: before.map(markOf), after: after.map(markOf) }
}

/** The SQL files of a run, as its `outcomeOptions` hold them. One of an earlier version of dasy has none. */
interface StoredFiles {
  readonly before?: readonly SqlFileMark[]
  readonly after?: readonly SqlFileMark[]
}

/**
 * The settings of a run that somebody goes on with, and its SQL files as they are now.
 * @param stored its `outcomeOptions`
 */
export function resolveStoredOptions(
  stored: Record<string, unknown>,
  options: ResumeOptions,
  read: ReadSqlFile,
): Settings {
  const anew = resolveOptions(options, read)
  const { maxRejects } = options.maxRejects === undefined ? (stored as Pick<Settings, 'maxRejects'>) : anew
  const { before, after }: StoredFiles = stored
  return { ...anew, ...stored, maxRejects, before: readAgain(before, read), after: readAgain(after, read) }
}

/** The SQL files that have changed since a run began. */
export function changedFiles(stored: Record<string, unknown>, { before, after }: Settings): string[] {
  const { before: storedBefore = [], after: storedAfter = [] }: StoredFiles = stored
  const known = [...storedBefore, ...storedAfter].map(({ digest }) => digest)
  return [...before, ...after].filter(({ digest }) => !known.includes(digest)).map(({ path }) => path)
}

function readSqlFiles(paths: string | readonly string[] | undefined, read: ReadSqlFile): SqlFile[] {
  return [paths ?? []].flat().map((path) => read(resolve(path)))
}

function readAgain(marks: readonly SqlFileMark[] | undefined, read: ReadSqlFile): SqlFile[] {
  return readSqlFiles(
    marks?.map(({ path }) => path),
    read,
  )
}
