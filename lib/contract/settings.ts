import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type AggregateSetting, parseAggregates } from './aggregates.js'
import { requireOneExpression } from './condition.js'
import { type DialectOptions, parseDialect, parseNullWord } from './dialect-options.js'
import { defaults, type LoadOptions, type OnConflict, type OnDuplicate } from './options.js'
import type { ReadSqlFile, SqlFile } from './sql-file.js'
import { parseTableName, type TableName } from './table-name.js'
import {
  badOption,
  badValue,
  type Limit,
  oneOf,
  parseColumns,
  parseEncoding,
  parseLimit,
  parseMaxRecord,
  parseMaxSize,
  parseTypes,
  parseWorkMem,
  wholeNumber,
} from './values.js'

/**
 * Options with every default filled in and every value checked, grouped by what they decide. All groups but `tuning`
 * decide the outcome of a load.
 */
export interface Settings {
  readonly table: TableName
  readonly reading: ReadingSettings
  readonly mapping: MappingSettings
  readonly policy: PolicySettings
  readonly limits: LimitSettings
  readonly hooks: HookSettings
  readonly tuning: TuningSettings
}

/** How bytes become records. */
export interface ReadingSettings {
  readonly dialect: DialectOptions
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** The columns of a file without a header. */
  readonly columns: readonly string[] | undefined
  readonly skipLines: number
  readonly trim: boolean
  /** As the user spells it. */
  readonly encoding: string | undefined
  readonly nullWord: string | undefined
  readonly lenientQuotes: boolean
}

/** Which field goes into which column, and which columns are created. */
export interface MappingSettings {
  readonly key: readonly string[]
  /** The file's column, and the table's. */
  readonly map: Readonly<Record<string, string>>
  readonly ignore: readonly string[]
  readonly set: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, string>>
  readonly infer: boolean
  readonly addColumns: boolean
}

/** Which records are loaded, and what happens to rows with the same key. */
export interface PolicySettings {
  readonly duplicates: OnDuplicate
  readonly onConflict: OnConflict
  readonly existingOnly: boolean
  readonly maxRejects: Limit
  readonly aggregates: readonly AggregateSetting[]
  /** Whether rows are deleted that the sources do not have. */
  readonly sync: SyncSettings | undefined
  /** Whether old values are kept. */
  readonly history: boolean
  /** For a client of the service: a table that exists must be known to dasy, or be one of these. */
  readonly onlyKnown?: readonly TableName[] | undefined
}

/** Which rows are deleted if the sources do not have them. */
export interface SyncSettings {
  /** Only those for which it holds. */
  readonly where: string | undefined
  readonly maxDeletes: Limit
  readonly despiteRejects: boolean
}

/** The limits of a source. */
export interface LimitSettings {
  /** Bytes. */
  readonly maxRecord: number
  /** Bytes. */
  readonly maxSize: number
  readonly maxRatio: number
}

/** The user's SQL within the publishing transaction. */
export interface HookSettings {
  readonly before: readonly SqlFile[]
  readonly after: readonly SqlFile[]
}

/** How the work is done. A run can be resumed with other values, and has the same result. */
export interface TuningSettings {
  readonly workers: number
  /** Bytes. */
  readonly rangeSize: number | undefined
  /** kB, of 1024 bytes. */
  readonly workMem: number
  readonly parallel: number | undefined
  /** How long temporary failures are retried. */
  readonly retryMs: number
  readonly restart: boolean
  readonly trustOwner: boolean
  /** How long old values are kept, unless the environment says something else. */
  readonly historyDays: number | undefined
}

/** @throws DasyError BAD_OPTION (exit status 2) that names the flag, SQL_FILE_UNREADABLE, SQL_FILE_FAILED */
export function resolveOptions(options: LoadOptions, read: ReadSqlFile): Settings {
  return {
    table: parseTableName(options.table ?? defaults.table),
    reading: readingSettings(options),
    mapping: mappingSettings(options),
    policy: policySettings(options),
    limits: limitSettings(options),
    hooks: { before: readSqlFiles(options.before, read), after: readSqlFiles(options.after, read) },
    tuning: tuningSettings(options),
  }
}

function readingSettings(options: LoadOptions): ReadingSettings {
  const dialect = parseDialect(options)
  const columns = options.columns === undefined ? undefined : parseColumns('--columns', options.columns)
  const header = options.header ?? true
  if (!header && !columns) throw badOption('--no-header', 'name the columns with --columns')
  if (header && columns) throw badValue('--columns', columns, 'it is for files without a header: --no-header')
  return {
    dialect,
    header,
    columns,
    skipLines: wholeNumber('--skip-lines', options.skipLines ?? 0, 0, 1_000_000),
    trim: options.trim ?? false,
    encoding: parseEncoding(options.encoding),
    nullWord: parseNullWord(options.null, dialect),
    lenientQuotes: options.lenientQuotes ?? false,
  }
}

function mappingSettings(options: LoadOptions): MappingSettings {
  return {
    key: parseColumns('--key', options.key ?? defaults.key),
    map: { ...options.map },
    ignore: options.ignore === undefined ? [] : parseColumns('--ignore', options.ignore),
    set: { ...options.set },
    types: parseTypes(options.types),
    infer: options.infer ?? false,
    addColumns: options.addColumns ?? false,
  }
}

function policySettings(options: LoadOptions): PolicySettings {
  return {
    duplicates: oneOf('--duplicates', options.duplicates ?? defaults.duplicates, ['last', 'first', 'error']),
    onConflict: oneOf('--on-conflict', options.onConflict ?? defaults.onConflict, [
      'update',
      'skip',
      'error',
    ]),
    existingOnly: options.existingOnly ?? false,
    maxRejects: parseLimit('--max-rejects', options.maxRejects ?? defaults.maxRejects),
    aggregates: parseAggregates(options.aggregates),
    sync: syncSettings(options),
    history: options.history ?? defaults.history,
  }
}

function syncSettings({
  sync,
  syncWhere,
  maxDeletes,
  syncDespiteRejects,
}: LoadOptions): SyncSettings | undefined {
  // --no-sync switches off what a dataset says.
  if (sync === false) return undefined
  if (sync === undefined) {
    const needless = { '--sync-where': syncWhere, '--max-deletes': maxDeletes }
    for (const [flag, value] of Object.entries(needless))
      if (value !== undefined) throw badValue(flag, value, 'it is for --sync only')
    if (syncDespiteRejects) throw badOption('--sync-despite-rejects', 'it is for --sync only')
    return undefined
  }
  if (syncWhere !== undefined) requireOneExpression('--sync-where', syncWhere)
  return {
    where: syncWhere,
    maxDeletes: parseLimit('--max-deletes', maxDeletes ?? defaults.maxDeletes),
    despiteRejects: syncDespiteRejects ?? false,
  }
}

function limitSettings(options: LoadOptions): LimitSettings {
  return {
    maxRecord: parseMaxRecord(options.maxRecord ?? defaults.maxRecord),
    maxSize: parseMaxSize(options.maxSize ?? defaults.maxSize),
    maxRatio: wholeNumber('--max-ratio', options.maxRatio ?? defaults.maxRatio, 1, Number.MAX_SAFE_INTEGER),
  }
}

/** @throws DasyError BAD_OPTION */
export function tuningSettings(options: LoadOptions): TuningSettings {
  const { rangeSize, parallel } = options
  return {
    workers: wholeNumber('--workers', options.workers ?? availableParallelism(), 1, 256),
    rangeSize:
      rangeSize === undefined
        ? undefined
        : wholeNumber('--range-size', rangeSize, 1, Number.MAX_SAFE_INTEGER),
    workMem: parseWorkMem(options.workMem ?? defaults.workMem),
    parallel: parallel === undefined ? undefined : wholeNumber('--parallel', parallel, 0, 1024),
    retryMs: wholeNumber('--retry-for', options.retryFor ?? defaults.retryFor, 0, 86_400) * 1000,
    restart: options.restart ?? false,
    trustOwner: options.trustOwner ?? false,
    historyDays: options.historyDays,
  }
}

/** @param paths relative to the working directory */
export function readSqlFiles(paths: string | readonly string[] | undefined, read: ReadSqlFile): SqlFile[] {
  return [paths ?? []].flat().map((path) => read(resolve(path)))
}
