import type { Listener } from './events.js'

/**
 * What a caller can ask of a load, and what it gets where it asks nothing. The command line and the library
 * share this one module: nothing else declares a default.
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
  /** Run code that the table's owner attached to it with the rights of this role, though it may do more. */
  trustOwner?: boolean | undefined
  /** Worker threads, each with a connection of its own. */
  workers?: number | undefined
  /** How many records may be rejected: a count, or a percentage of the records read such as `'0.5%'`. */
  maxRejects?: number | string | undefined
  /** What is between fields: one ASCII character, or `tab`; found out where it is not given, like what follows. */
  delimiter?: string | undefined
  /** What is around fields: one ASCII character, or `none`. */
  quote?: string | undefined
  /** What makes text of a quote in a quoted field: the quote itself, or another ASCII character. */
  escape?: string | undefined
  /** Whether the first record names the columns. Without it `columns` must. */
  header?: boolean | undefined
  /** The columns of a file without a header: `'sku,name'` or `['sku', 'name']`. */
  columns?: string | readonly string[] | undefined
  /** Lines in front of the header that are not looked at. */
  skipLines?: number | undefined
  /** Leave out blanks around fields that stand without quotes, and around the quotes of the others. */
  trim?: boolean | undefined
  /** What the file is in: any encoding that PostgreSQL converts, by its name there, or one of iconv-lite's. */
  encoding?: string | undefined
  /** A word that means NULL where a field without quotes is just that; the empty field means it as well. */
  null?: string | undefined
  /** Load records whose quotes are misplaced, with the quotes as text. */
  lenientQuotes?: boolean | undefined
  /** The longest record: bytes, or `'16MiB'`. */
  maxRecord?: number | string | undefined
  /** The most text that a source of unknown size may hold, decompressed: bytes, or `'1TiB'`. */
  maxSize?: number | string | undefined
  /** By how many times compressed bytes may grow. */
  maxRatio?: number | undefined
  /** Names that differ: the file's column, and the table's. */
  map?: Readonly<Record<string, string>> | undefined
  /** Columns of the file that are left out: `'a,b'` or `['a', 'b']`. */
  ignore?: string | readonly string[] | undefined
  /** Columns of the table that get one value from every record. */
  set?: Readonly<Record<string, string>> | undefined
  /** Types of columns where the table is made (ingest only): `'price:numeric(10,2),stock:int'`, or an object. */
  types?: string | Readonly<Record<string, string>> | undefined
  /** Where the table is made, each column gets the narrowest type that all of its values fit (ingest only). */
  infer?: boolean | undefined
  /** SQL files, run in the transaction that publishes: before the merge, and after the aggregates. */
  before?: string | readonly string[] | undefined
  after?: string | readonly string[] | undefined
  /** What the table's rows are counted by, from this load on. */
  aggregates?: readonly AggregateRequest[] | undefined
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
  /** The process is there for this load alone: its receipt counts from the start of the process. */
  ofProcess?: boolean | undefined
  /** Ends the load early; the table stays as it was. */
  signal?: AbortSignal | undefined
}

/** What `ingest` takes. */
export type IngestOptions = Omit<LoadOptions, 'existingOnly'>

/** What `update` takes. */
export type UpdateOptions = Omit<LoadOptions, 'addColumns' | 'types' | 'infer'>

/** What may be said anew when somebody goes on with a run. */
export type ResumeOptions = DatabaseOptions &
  Pick<
    LoadOptions,
    | 'maxRejects'
    | 'trustOwner'
    | 'workers'
    | 'rangeSize'
    | 'workMem'
    | 'parallel'
    | 'retryFor'
    | 'ofProcess'
    | 'signal'
  >

/** How an aggregate is kept: right at any moment, only by command, or as a view. */
export type AggregateKind = 'live' | 'manual' | 'view'

/** An aggregate that a table is to have. */
export interface AggregateRequest {
  readonly column: string
  /** Its name, where the usual one does not suit. */
  readonly into?: string | undefined
  /** A table that is kept up to date, or a view. */
  readonly as?: 'table' | 'view' | undefined
}

export interface AggregateOptions extends DatabaseOptions {
  /** A table (kept up to date) or a view. */
  as?: 'table' | 'view' | undefined
  /** The aggregate's name, where the usual one does not suit. */
  into?: string | undefined
  /** Only this command refreshes it. */
  manual?: boolean | undefined
  /** Remove it. */
  drop?: boolean | undefined
  /** Compare it with its table, and mend it. */
  check?: boolean | undefined
  /** Only tell what `check` would mend. */
  dryRun?: boolean | undefined
  /** How many of the largest groups to tell. */
  top?: number | undefined
}

/** What `runs` takes. */
export interface RunsOptions extends DatabaseOptions {
  /** Only this one. */
  run?: number | undefined
  /** How many, the newest first; all if not given. */
  limit?: number | undefined
}

/** What `rejects` takes. */
export interface RejectsOptions extends DatabaseOptions {
  /** Of one source only, by its name. */
  source?: string | undefined
}

/** What `clean` takes: which of the runs that stopped are to be discarded. */
export interface CleanOptions extends DatabaseOptions {
  /** Only this one. */
  run?: number | undefined
  /** Only what stopped so long ago: seconds, or `'30m'`, `'12h'`, `'7d'`. */
  olderThan?: number | string | undefined
  /** Only say which. */
  dryRun?: boolean | undefined
}

export const defaults = {
  table: 'products',
  key: 'sku',
  duplicates: 'last',
  onConflict: 'update',
  maxRejects: 0,
  retryFor: 60,
  maxRecord: '64MiB',
  maxSize: '1TiB',
  maxRatio: 1000,
  workMem: '128MB',
} as const satisfies LoadOptions
