import type { ErrorCode } from '../base/error-codes.js'
import { DasyError, type ExitStatus } from '../base/errors.js'
import type { Connection } from '../db/client.js'
import type { TracedStatement } from '../db/trace.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'

/** The messages between the main thread and a worker thread: plain data only. */

/** What a worker thread starts with. */
export interface WorkerData {
  /** The number of the worker, from 1. */
  readonly ordinal: number
  /** Whether the main thread wants to know each statement (--verbose). */
  readonly isTraced: boolean
}

export type Request =
  | { readonly type: 'connect'; readonly connection: Connection }
  | { readonly type: 'begin'; readonly plan: LoadPlan }
  | { readonly type: 'load'; readonly range: Range }
  | { readonly type: 'end' }

/** The counts of one staged range. */
export interface Loaded {
  /** Data records, rejected ones included. */
  readonly records: number
  /** The rejected ones, by their ordinals in the range; undefined if an earlier try staged the range. */
  readonly rejectedRecords: readonly number[] | undefined
  /** Whether rows may have been written in subtransactions. */
  readonly isSalvaged?: boolean
}

export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly loaded: Loaded; readonly block: Uint8Array | undefined }
  | { readonly type: 'statement'; readonly statement: TracedStatement }
  | { readonly type: 'failed'; readonly error: PlainError }

/** An error as plain data: postMessage() would lose its name, code and fields. */
interface PlainError {
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
