import type { Operation } from './change.js'
import type { Listener } from './events.js'
import type { RunStatus } from './receipt.js'

/**
 * The options of every command, and their defaults. The command line and the library share this module; no other module
 * declares a default.
 */

export type OnConflict = 'update' | 'skip' | 'error'
export type OnDuplicate = 'last' | 'first' | 'error'

export interface DatabaseOptions {
  /** postgresql://…; without it DATABASE_URL, the PG* variables, then the embedded server. */
  databaseUrl?: string | undefined
  /** Called for each event: phases, progress, notes and doubts, the receipt. */
  onEvent?: Listener | undefined
}

export interface LoadOptions extends DatabaseOptions {
  /** `products`, or `schema.table`; a name that contains a dot must be in double quotes. */
  table?: string | undefined
  /** The key's columns: `'sku'`, `'sku,name'` or `['sku', 'name']`. */
  key?: string | readonly string[] | undefined
  /** Which record of a repeated key is loaded. */
  duplicates?: OnDuplicate | undefined
  /** What to do with a record whose key exists in the table. */
  onConflict?: OnConflict | undefined
  /** Skip keys that do not exist in the table (update only). */
  existingOnly?: boolean | undefined
  /** Add new columns of the file also to a table that dasy did not create (ingest only). */
  addColumns?: boolean | undefined
  /** Run code that the table's owner attached to it, although this role has more rights than the owner. */
  trustOwner?: boolean | undefined
  /** The number of worker threads, each with its own connection. */
  workers?: number | undefined
  /** How many records may be rejected: a count, or a percentage of the records read such as `'0.5%'`. */
  maxRejects?: number | string | undefined
  /** Delete the rows of the table that the sources do not have. */
  sync?: boolean | undefined
  /** With `sync`: only rows for which this SQL expression over the table's columns is true. */
  syncWhere?: string | undefined
  /** With `sync`: how many rows may be deleted, a count or a percentage of those in question such as `'10%'`. */
  maxDeletes?: number | string | undefined
  /** With `sync`: delete although a record was rejected, which may be one of the rows that seem to be missing. */
  syncDespiteRejects?: boolean | undefined
  /** Keep old values, so that the run can be undone and its changes shown. */
  history?: boolean | undefined
  /** For how many days old values are kept, unless DASY_HISTORY_DAYS says something else; 0: not at all. */
  historyDays?: number | undefined
  /** The character between fields: one ASCII character, or `tab`. Detected if not given, like `quote` and `escape`. */
  delimiter?: string | undefined
  /** The character around fields: one ASCII character, or `none`. */
  quote?: string | undefined
  /** The escape character inside quoted fields: the quote itself, or another ASCII character. */
  escape?: string | undefined
  /** Whether the first record names the columns. If false, `columns` must name them. */
  header?: boolean | undefined
  /** The columns of a file without a header: `'sku,name'` or `['sku', 'name']`. */
  columns?: string | readonly string[] | undefined
  /** The number of lines to skip before the header. */
  skipLines?: number | undefined
  /** Remove blanks around unquoted fields, and around the quotes of quoted fields. */
  trim?: boolean | undefined
  /** The encoding of the file: one that PostgreSQL converts, by its name there, or one of iconv-lite. */
  encoding?: string | undefined
  /** An unquoted field that is exactly this word is NULL, like the empty field. */
  null?: string | undefined
  /** Load records with misplaced quotes, and keep the quotes as text. */
  lenientQuotes?: boolean | undefined
  /** The longest record: bytes, or `'16MiB'`. */
  maxRecord?: number | string | undefined
  /** The largest text of a compressed or remote source, or of a pipe: bytes, or `'1TiB'`. */
  maxSize?: number | string | undefined
  /** The largest ratio of decompressed to compressed bytes. */
  maxRatio?: number | undefined
  /** Columns with another name in the table: the file's name, and the table's. */
  map?: Readonly<Record<string, string>> | undefined
  /** Columns of the file to leave out: `'a,b'` or `['a', 'b']`. */
  ignore?: string | readonly string[] | undefined
  /** Columns of the table that get one value in every record. */
  set?: Readonly<Record<string, string>> | undefined
  /** Types of the columns that the load adds (ingest only): `'price:numeric(10,2),stock:int'`, or an object. */
  types?: string | Readonly<Record<string, string>> | undefined
  /** Give each column of a new table the narrowest type that fits all its values (ingest only). */
  infer?: boolean | undefined
  /** SQL files that run in the publishing transaction: before the merge, and after the aggregates. */
  before?: string | readonly string[] | undefined
  after?: string | readonly string[] | undefined
  /** Aggregates that the table must have; missing ones are created. */
  aggregates?: readonly AggregateRequest[] | undefined
  /** Bytes that a worker loads at a time. Depends on the size of the file if not given. */
  rangeSize?: number | undefined
  /** Memory on the server for a sort or hash table of the merge: `'128MB'`. */
  workMem?: string | undefined
  /** Parallel processes of the server for a statement of the merge. The server's setting if not given. */
  parallel?: number | undefined
  /** Start a new run, and discard an earlier run of the same file and options that stopped. */
  restart?: boolean | undefined
  /** How long to retry lost connections and other temporary failures, in seconds. */
  retryFor?: number | undefined
  /** The process exists only for this load, so the times of the receipt begin with the process. */
  ofProcess?: boolean | undefined
  /** Aborts the load; the table stays as it was. */
  signal?: AbortSignal | undefined
}

/** The options of `ingest`. */
export type IngestOptions = Omit<LoadOptions, 'existingOnly'>

/** The options of `update`. */
export type UpdateOptions = Omit<LoadOptions, 'addColumns' | 'types' | 'infer'>

/** The options of `resume`: those that may differ from the options with which the run began. */
export type ResumeOptions = DatabaseOptions &
  Pick<
    LoadOptions,
    | 'maxRejects'
    | 'maxDeletes'
    | 'syncDespiteRejects'
    | 'trustOwner'
    | 'workers'
    | 'rangeSize'
    | 'workMem'
    | 'parallel'
    | 'retryFor'
    | 'historyDays'
    | 'ofProcess'
    | 'signal'
  > &
  Pick<UndoOptions, 'skipConflicts'>

/** What the runs without sources have in common. */
export type ChangeOptions = DatabaseOptions &
  Pick<
    LoadOptions,
    'trustOwner' | 'workMem' | 'parallel' | 'retryFor' | 'historyDays' | 'ofProcess' | 'signal'
  >

/** The options of `undo`. */
export interface UndoOptions extends ChangeOptions {
  /** Leave rows as they are that others have changed since, and take back the rest. */
  skipConflicts?: boolean | undefined
}

/** The options of `purge`. */
export interface PurgeOptions extends ChangeOptions {
  /** Only the rows for which this SQL expression over the table's columns is true. */
  where?: string | undefined
}

/** The options of `plan`: those of `ingest`, or with `update` those of `update`. */
export interface PlanOptions extends LoadOptions {
  /** By the rules of `update`: the table must exist, and no column is added. */
  update?: boolean | undefined
}

/** The options of `apply`: how the work is done; the plan says what is done. */
export interface ApplyOptions extends ChangeOptions {
  workers?: number | undefined
  /** Make the plan again, under the same number, and apply nothing. */
  replan?: boolean | undefined
}

/** An aggregate that a table must have. */
export interface AggregateRequest {
  readonly column: string
  /** Its name, if not the default one. */
  readonly into?: string | undefined
  /** Counts that triggers keep up to date, or a view that counts when it is read. */
  readonly as?: 'table' | 'view' | undefined
}

export interface AggregateOptions extends DatabaseOptions {
  /** Counts that triggers keep up to date, or a view that counts when it is read. */
  as?: 'table' | 'view' | undefined
  /** The name of the aggregate, if not the default one. */
  into?: string | undefined
  /** Only this command refreshes it. */
  manual?: boolean | undefined
  /** Remove it. */
  drop?: boolean | undefined
  /** Compare it with its table, and repair wrong counts. */
  check?: boolean | undefined
  /** With `check`: repair nothing. */
  dryRun?: boolean | undefined
  /** How many of the largest groups to return. */
  top?: number | undefined
}

/** The options of `runs`. */
export interface RunsOptions extends DatabaseOptions {
  /** Only the run of this number. */
  run?: number | undefined
  /** How many runs, the newest first; all if not given. */
  limit?: number | undefined
  /** Only runs with a smaller number: those after the last of an earlier answer. */
  before?: number | undefined
  /** Only runs into this table, as it was named. */
  table?: string | undefined
  status?: RunStatus | undefined
  /** Whether runs that write single rows are listed too. */
  rows?: boolean | undefined
}

/** The options of `rejects`. */
export interface RejectsOptions extends DatabaseOptions {
  /** Only the rejects of the source with this name. */
  source?: string | undefined
}

/** The options of `changes`. */
export interface ChangesOptions extends DatabaseOptions {
  /** Only these operations: `'insert,update'`, or a list. */
  op?: string | readonly Operation[] | undefined
  /** Only changes of this column, and only its values. */
  column?: string | undefined
  /** At most so many. */
  limit?: number | undefined
}

/** The options of `clean`: which of the stopped runs to discard. */
export interface CleanOptions extends DatabaseOptions {
  /** Only the run of this number. */
  run?: number | undefined
  /** Only runs that stopped at least this long ago: seconds, or `'30m'`, `'12h'`, `'7d'`. */
  olderThan?: number | string | undefined
  /** Only return which runs would be discarded. */
  dryRun?: boolean | undefined
  /** Discard no run: remove what completed runs keep of old and new values. */
  history?: boolean | undefined
}

export const defaults = {
  table: 'products',
  key: 'sku',
  duplicates: 'last',
  onConflict: 'update',
  maxRejects: 0,
  maxDeletes: '10%',
  history: true,
  retryFor: 60,
  maxRecord: '64MiB',
  maxSize: '1TiB',
  maxRatio: 1000,
  workMem: '128MB',
  attempts: 25,
} as const satisfies LoadOptions & { readonly attempts: number }
