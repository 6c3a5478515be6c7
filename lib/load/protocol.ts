import type { Format } from '../csv/format.js'
import type { Connection } from '../db/client.js'
import type { TracedStatement } from '../db/trace.js'
import type { ErrorCode } from '../base/error-codes.js'
import { DasyError, type ExitStatus } from '../base/errors.js'
import type { Range } from '../ranges/range.js'
import type { SourceLocation } from '../source/source.js'

/** What the main thread and a worker's thread say to each other: plain data only. */

/** How the text of a source is to be taken. */
export interface SourcePlan extends Format {
  readonly name: string
  /** Where a thread reads its ranges; undefined where they bring their text. */
  readonly location: SourceLocation | undefined
  /** How many fields a record has. */
  readonly columns: number
  /** How many empty ones more COPY is to expect behind them. */
  readonly surplus: number
  /** Where in staging they go, in their order; numbers from 1. */
  readonly staged: readonly number[]
  /** Whether a record can be read again later. */
  readonly repeatable: boolean
}

/** What every range of a run has in common. */
export interface LoadPlan {
  readonly run: number
  /** At the run: only the latest one can record anything. */
  readonly attempt: number
  /** In their order. */
  readonly sources: readonly SourcePlan[]
  /** How long what passes, such as a lost connection, is tried again; in milliseconds. */
  readonly patienceMs: number
}

/** What a thread begins with. */
export interface WorkerData {
  readonly ordinal: number
  /** Whether somebody wants to know of its statements. */
  readonly isTraced: boolean
}

export type Request =
  | { readonly type: 'connect'; readonly connection: Connection }
  | { readonly type: 'begin'; readonly plan: LoadPlan }
  | { readonly type: 'load'; readonly range: Range }
  | { readonly type: 'end' }

/** What became of one range. */
export interface Loaded {
  /** Data records, rejected ones included. */
  readonly records: number
  readonly rejected: number
}

export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly loaded: Loaded; readonly block: Uint8Array | undefined }
  | { readonly type: 'statement'; readonly statement: TracedStatement }
  | { readonly type: 'failed'; readonly error: PlainError }

/** An error as data: postMessage() would lose its name, code and fields. */
export interface PlainError {
  readonly code: ErrorCode | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly exitStatus: ExitStatus | undefined
  readonly details: Record<string, unknown>
  readonly triedAgain: boolean
  readonly stack: string | undefined
}

export function toPlain(error: unknown): PlainError {
  const { message, stack } = error as Error
  if (error instanceof DasyError) {
    const { code, hint, exitStatus, details, triedAgain } = error
    return { code, message, hint, exitStatus, details, triedAgain, stack }
  }
  const unknown = { code: undefined, hint: undefined, exitStatus: undefined, details: {}, triedAgain: false }
  return { ...unknown, message, stack }
}

export function fromPlain({ code, message, stack, exitStatus, ...fields }: PlainError): Error {
  if (code === undefined) return Object.assign(new Error(message), { stack })
  return new DasyError(code, message, { ...fields, ...(exitStatus !== undefined && { exitStatus }) })
}
