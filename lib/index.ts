/** What a program gets: the same as a person at the command line, with the receipt as the result. */
export { aggregate } from './api/aggregate.js'
export { type AnalyzedView, type AnalyzeOptions, type AnalyzeResult, analyze } from './api/analyze.js'
export { ingest, update } from './api/ingest.js'
export { type DialectReport, type Inspection, inspect } from './api/inspect.js'
export { resume } from './api/resume.js'
export { ERROR_CODES, type ErrorCode } from './base/error-codes.js'
export { DasyError, EXIT, type ExitStatus } from './base/errors.js'
export { type DatasetChoice, withDataset } from './config/with-dataset.js'
export type { Activity, Phase, Progress } from './contract/events.js'
export type {
  AggregateKind,
  AggregateOptions,
  AggregateRequest,
  IngestOptions,
  LoadOptions,
  OnConflict,
  OnDuplicate,
  ResumeOptions,
  UpdateOptions,
} from './contract/options.js'
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
} from './contract/receipt.js'
export type { ColumnReport } from './inspect/column.js'
