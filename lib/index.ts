/** What a program gets: the same as a person at the command line, with the receipt as the result. */
export { aggregate } from './aggregate/command.js'
export { type AnalyzedView, type AnalyzeOptions, type AnalyzeResult, analyze } from './analyze.js'
export { type DatasetChoice, withDataset } from './config/with-dataset.js'
export { ERROR_CODES, type ErrorCode } from './error-codes.js'
export { DasyError, EXIT, type ExitStatus } from './errors.js'
export { ingest, update } from './ingest.js'
export type { ColumnReport } from './inspect/column.js'
export { type DialectReport, type Inspection, inspect } from './inspect.js'
export type {
  AggregateKind,
  AggregateOptions,
  AggregateWish,
  IngestOptions,
  LoadOptions,
  OnConflict,
  OnDuplicate,
  ResumeOptions,
  UpdateOptions,
} from './options.js'
export type { Activity, Phase, Progress } from './progress.js'
export type {
  AggregateCheck,
  AggregateDifference,
  AggregateReceipt,
  AggregateResult,
  Receipt,
  Rows,
  RunError,
  RunStatus,
  Seconds,
} from './receipt.js'
export { resume } from './resume.js'
