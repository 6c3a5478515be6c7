import { nearest } from '../base/did-you-mean.js'
import type {
  AggregateOptions,
  ApplyOptions,
  ChangeOptions,
  ChangesOptions,
  CleanOptions,
  DatabaseOptions,
  LoadOptions,
  PlanOptions,
  PurgeOptions,
  RejectsOptions,
  ResumeOptions,
  RunsOptions,
  UndoOptions,
} from './options.js'
import type { EnqueueOptions, JobsOptions, RetryOptions, WorkOptions } from './queue-options.js'
import type { CreateTokenOptions, ServeOptions } from './service-options.js'
import { badOption } from './values.js'
import type { WatchOptions } from './watch-options.js'

/**
 * The options that each function of the library has. Not every program is type-checked, so a misspelt option, or one of
 * another function, must be refused and not ignored.
 */

/** With this type the compiler reports a missing name. */
type Names<Options> = Readonly<Record<keyof Required<Options>, true>>

const database: Names<DatabaseOptions> = { databaseUrl: true, onEvent: true }

const change: Names<ChangeOptions> = {
  ...database,
  trustOwner: true,
  workMem: true,
  parallel: true,
  retryFor: true,
  historyDays: true,
  ofProcess: true,
  signal: true,
}

const undo: Names<UndoOptions> = { ...change, skipConflicts: true }

const resumable: Names<Omit<ResumeOptions, 'skipConflicts'>> = {
  ...change,
  maxRejects: true,
  maxDeletes: true,
  syncDespiteRejects: true,
  workers: true,
  rangeSize: true,
}

const resume: Names<ResumeOptions> = { ...resumable, skipConflicts: true }

const load: Names<LoadOptions> = {
  ...resumable,
  table: true,
  key: true,
  duplicates: true,
  onConflict: true,
  existingOnly: true,
  addColumns: true,
  sync: true,
  syncWhere: true,
  history: true,
  delimiter: true,
  quote: true,
  escape: true,
  header: true,
  columns: true,
  skipLines: true,
  trim: true,
  encoding: true,
  null: true,
  lenientQuotes: true,
  maxRecord: true,
  maxSize: true,
  maxRatio: true,
  map: true,
  ignore: true,
  set: true,
  types: true,
  infer: true,
  before: true,
  after: true,
  aggregates: true,
  restart: true,
}

const plan: Names<PlanOptions> = { ...load, update: true }

const enqueue: Names<EnqueueOptions> = { ...plan, plan: true, attempts: true, shared: true }
const work: Names<WorkOptions> = {
  ...database,
  concurrency: true,
  once: true,
  allowPrivateUrls: true,
  allowPrivateWebhooks: true,
  onlySends: true,
  onQueueEvent: true,
  signal: true,
}
const watch: Names<WatchOptions> = {
  ...database,
  config: true,
  once: true,
  work: true,
  concurrency: true,
  keep: true,
  poll: true,
  settle: true,
  followLinks: true,
  allowPrivateUrls: true,
  allowPrivateWebhooks: true,
  onWatchEvent: true,
  signal: true,
}
const serve: Names<ServeOptions> = {
  ...database,
  port: true,
  host: true,
  tls: true,
  maxUpload: true,
  publicUrl: true,
  trustProxy: true,
  work: true,
  concurrency: true,
  allowPrivate: true,
  config: true,
  showsToken: true,
  onServiceEvent: true,
  signal: true,
}
const createToken: Names<CreateTokenOptions> = { ...database, scope: true, expires: true }
const jobs: Names<JobsOptions> = { ...database, run: true, limit: true }
const retry: Names<RetryOptions> = { ...database, anyHost: true }

const apply: Names<ApplyOptions> = {
  ...database,
  trustOwner: true,
  workers: true,
  workMem: true,
  parallel: true,
  retryFor: true,
  historyDays: true,
  ofProcess: true,
  signal: true,
  replan: true,
}

const aggregate: Names<AggregateOptions> = {
  ...database,
  as: true,
  into: true,
  manual: true,
  drop: true,
  top: true,
  check: true,
  dryRun: true,
}

const analyze = { ...database, config: true }

const runs: Names<RunsOptions> = {
  ...database,
  run: true,
  limit: true,
  before: true,
  table: true,
  status: true,
  rows: true,
}
const rejects: Names<RejectsOptions> = { ...database, source: true }
const changes: Names<ChangesOptions> = { ...database, op: true, column: true, limit: true }
const blame = database
const purge: Names<PurgeOptions> = { ...change, where: true }
const clean: Names<CleanOptions> = { ...database, run: true, olderThan: true, dryRun: true, history: true }

const known = {
  ingest: load,
  update: load,
  inspect: load,
  plan,
  enqueue,
  work,
  watch,
  serve,
  createToken,
  tokens: database,
  revokeToken: database,
  jobs,
  retryJob: retry,
  cancel: database,
  apply,
  resume,
  aggregate,
  analyze,
  runs,
  rejects,
  changes,
  blame,
  purge,
  undo,
  clean,
  'migrate.up': database,
  'migrate.down': database,
  'migrate.status': database,
} as const

/** The options of a load that only one command has, with that command. */
const ONLY: Partial<Record<keyof LoadOptions, 'ingest' | 'update'>> = {
  existingOnly: 'update',
  addColumns: 'ingest',
  types: 'ingest',
  infer: 'ingest',
}

/**
 * @param name of the function
 * @throws DasyError BAD_OPTION if an option does not belong to this function; it names the option
 */
export function requireKnownOptions(name: keyof typeof known, options: object): void {
  const rules = rulesOf(name, options)
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known[name], option)) throw unknownOption(name, option)
    const only = ONLY[option as keyof LoadOptions]
    const isForeign = rules !== undefined && only !== undefined && only !== rules
    if (isForeign && hasEffect(value))
      throw badOption(option, `this is an option of "${only}", not of "${rules}"`)
  }
}

/** By which rules a function loads; undefined if it takes the options of both. */
function rulesOf(name: keyof typeof known, options: object): 'ingest' | 'update' | undefined {
  if (name === 'plan' || name === 'enqueue')
    return 'update' in options && options.update ? 'update' : 'ingest'
  return name === 'ingest' || name === 'update' ? name : undefined
}

function unknownOption(name: keyof typeof known, option: string): Error {
  const near = nearest(option, Object.keys(known[name]))
  return badOption(option, `"${name}" has no such option${near ? `; did you mean "${near}"?` : ''}`)
}

/** Whether a value changes anything: undefined, false and an empty list or object do not. */
function hasEffect(value: unknown): boolean {
  if (value === undefined || value === false) return false
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0
}
