/**
 * Every error that a user can cause or meet is a `DasyError`: `code` is stable and documented in docs/errors.md,
 * `message` says what happened and where, `hint` says what the user can do.
 */

import type { ErrorCode } from './error-codes.js'

/** The exit statuses of the command line. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  rejected: 3,
  unreachable: 4,
  differs: 5,
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

export interface DasyErrorFields {
  /** What the user can do about it. */
  hint?: string | undefined
  /** 1 by default. */
  exitStatus?: ExitStatus
  /** Facts for programs: file, line, byte, table, sqlState, … */
  details?: Record<string, unknown>
  /** Set if retrying has already failed: the caller need not retry. */
  triedAgain?: boolean
  cause?: unknown
}

export class DasyError extends Error {
  override readonly name = 'DasyError'
  readonly hint: string | undefined
  readonly exitStatus: ExitStatus
  readonly details: Record<string, unknown>
  readonly triedAgain: boolean

  /** @param code stable, in capitals, e.g. `EMPTY_FILE` */
  constructor(
    readonly code: ErrorCode,
    message: string,
    fields: DasyErrorFields = {},
  ) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.hint = fields.hint
    this.exitStatus = fields.exitStatus ?? EXIT.failed
    this.details = fields.details ?? {}
    this.triedAgain = fields.triedAgain ?? false
  }
}

/** The operating system's error without call and path, for a message that names the path: "EACCES: permission denied". */
export function reasonOf(error: unknown): string {
  const { message = String(error), syscall } = (error ?? {}) as NodeJS.ErrnoException
  return syscall ? message.replace(new RegExp(`, ${syscall}\\b.*$`, 's'), '') : message
}

/** Wraps an unexpected error: a fault in dasy. */
export function internal(error: unknown): DasyError {
  const { message = String(error), stack } = (error ?? {}) as Error
  return new DasyError('INTERNAL', message, {
    hint: 'This is a fault in dasy: please report it.',
    details: { stack },
    cause: error,
  })
}
