/** What a program gets: every command of the command line as a function, with what it prints as the result. */
import { migrateDown, migrateStatus, migrateUp } from './api/migrate.js'

export { aggregate } from './api/aggregate.js'
export { type AnalyzedView, type AnalyzeOptions, type AnalyzeResult, analyze } from './api/analyze.js'
export { apply } from './api/apply.js'
export { type Blame, blame } from './api/blame.js'
export { changes } from './api/changes.js'
export { ingest, update } from './api/ingest.js'
export { type DialectReport, type Inspection, inspect } from './api/inspect.js'
export type { MigrateDownResult, MigrateUpResult } from './api/migrate.js'
export { plan } from './api/plan.js'
export { purge } from './api/purge.js'
export { type Rejected, rejects } from './api/rejects.js'
export { resume } from './api/resume.js'
export { type CleanResult, clean, runs } from './api/runs.js'
export { createToken, type NewToken, revokeToken, type Token, tokens } from './api/tokens.js'
export { undo } from './api/undo.js'
export { ERROR_CODES, type ErrorCode } from './base/error-codes.js'
export { DasyError, EXIT, type ExitStatus } from './base/errors.js'
export { type DatasetChoice, withDataset } from './config/with-dataset.js'
export type {
  Change,
  ChangedOutside,
  KeyChange,
  Operation,
  Place,
  UndoConflict,
  Values,
} from './contract/change.js'
export type {
  Activity,
  AggregateMovements,
  DasyEvent,
  Listener,
  Movement,
  PlanDetails,
  PlannedReject,
} from './contract/events.js'
export type {
  AggregateOptions,
  AggregateRequest,
  ApplyOptions,
  ChangesOptions,
  CleanOptions,
  DatabaseOptions,
  IngestOptions,
  LoadOptions,
  OnConflict,
  OnDuplicate,
  PlanOptions,
  PurgeOptions,
  RejectsOptions,
  ResumeOptions,
  RunsOptions,
  UndoOptions,
  UpdateOptions,
} from './contract/options.js'
export type { QueueEvent, QueueListener, QueueNews } from './contract/queue-events.js'
export type { EnqueueOptions, JobsOptions, RetryOptions, WorkOptions } from './contract/queue-options.js'
export type {
  AggregateCheck,
  AggregateDifference,
  AggregateKind,
  AggregateReceipt,
  AggregateResult,
  KnownReceipt,
  KnownRows,
  Phase,
  PlanReceipt,
  Receipt,
  Rows,
  RunError,
  RunStatus,
  Seconds,
} from './contract/receipt.js'
export type { CreateTokenOptions, Scope } from './contract/service-options.js'
export type { AlertCause, AlertFacts, WatchEvent, WatchListener, WatchNews } from './contract/watch-events.js'
export type { WatchOptions } from './contract/watch-options.js'
export type { MigrationStatus } from './db/migrations.js'
export type { ColumnReport } from './inspect/column.js'
export { type CancelResult, cancel } from './queue/cancel.js'
export { type EnqueueResult, enqueue } from './queue/enqueue.js'
export { type Job, type JobState, jobs, retryJob } from './queue/jobs.js'
export { type WorkResult, work } from './queue/work.js'
export { type WatchResult, watch } from './watch/watch.js'

export const migrate = { up: migrateUp, down: migrateDown, status: migrateStatus } as const
