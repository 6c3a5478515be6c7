/**
 * What can go wrong, as an object that scripts can rely on.
 *
 * Every error that a user can cause or meet is a `DasyError`: `code` is stable and documented in
 * docs/errors.md, `message` says what happened where, `hint` says what to do about it.
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
  /** 1 unless said otherwise. */
  exitStatus?: ExitStatus
  /** Facts for programs: file, line, byte, table, sqlState, … */
  details?: Record<string, unknown>
  /** It came again and again: nobody else needs to begin to try. */
  triedAgain?: boolean
  cause?: unknown
}

export class DasyError extends Error {
  override readonly name = 'DasyError'
  readonly hint: string | undefined
  readonly exitStatus: ExitStatus
  readonly details: Record<string, unknown>
  triedAgain: boolean

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

/** Why the system refused, without the path, which the message around it names: "EACCES: permission denied". */
export function reasonOf(error: unknown): string {
  const { message = String(error), syscall } = (error ?? {}) as NodeJS.ErrnoException
  return syscall ? message.replace(new RegExp(`, ${syscall}\\b.*$`, 's'), '') : message
}

/** Whatever was thrown that is no error of ours. */
export function internal(error: unknown): DasyError {
  const { message = String(error), stack } = (error ?? {}) as Error
  return new DasyError('INTERNAL', message, {
    hint: 'This is a fault in dasy: please report it.',
    details: { stack },
    cause: error,
  })
}
