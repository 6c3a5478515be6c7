import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../base/error-codes.js'
import { DasyError, EXIT, internal } from '../base/errors.js'
import { sqlState } from '../db/failures.js'

/** Errors as RFC 9457 has them, with the codes of the command line. */

/** What is answered instead of a result. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** What happened. */
  readonly detail: string
  readonly code: ErrorCode
  /** What can be done about it. */
  readonly hint: string | null
  [fact: string]: unknown
}

/** In seconds: when to try again what is not possible at the moment. */
const RETRY_AFTER = 5

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  BAD_OPTION: 400,
  BAD_URL: 400,
  COLUMN_NOT_FOUND: 400,
  UPLOAD_BROKEN: 400,
  URL_NOT_ALLOWED: 400,
  USAGE: 400,
  UNAUTHORIZED: 401,
  CROSS_SITE: 403,
  FORBIDDEN: 403,
  PERMISSION_DENIED: 403,
  TABLE_NOT_ALLOWED: 403,
  AGGREGATE_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  NOT_FOUND: 404,
  ROW_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  SOURCE_NOT_FOUND: 404,
  TABLE_NOT_FOUND: 404,
  TOKEN_NOT_FOUND: 404,
  UPLOAD_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  ALREADY_UNDONE: 409,
  CANCELLED_BY_USER: 409,
  HISTORY_LOST: 409,
  IDEMPOTENCY_KEY_IN_FLIGHT: 409,
  INTERRUPTED: 409,
  KEY_EXISTS: 409,
  NAME_TAKEN: 409,
  NOTHING_TO_CANCEL: 409,
  NOT_A_PLAN: 409,
  NOT_CONFIRMED: 409,
  NO_HISTORY: 409,
  PLAN_LOST: 409,
  PLAN_STALE: 409,
  RUN_ACTIVE: 409,
  RUN_ENDED: 409,
  RUN_QUEUED: 409,
  RUN_TAKEN: 409,
  TABLE_CHANGED: 409,
  TABLE_REPLACED: 409,
  UNDO_CONFLICTS: 409,
  PRECONDITION_FAILED: 412,
  UPLOAD_TOO_LARGE: 413,
  TOO_MANY_ATTEMPTS: 429,
  INTERNAL: 500,
  LISTENER_FAILED: 500,
  RECEIPT_UNBALANCED: 500,
  WORKER_DIED: 500,
  CONNECTION_FAILED: 503,
  CONNECTION_LOST: 503,
  DEADLOCK: 503,
  LOCK_TIMEOUT: 503,
  READ_ONLY: 503,
  SERVER_BUSY: 503,
  DISK_FULL: 507,
}

/** Errors whose text is for whoever runs the service, and not for its clients. */
const GENERAL: Readonly<Partial<Record<number, string>>> = {
  500: 'an error in the service; its log has more',
  503: 'the database cannot be reached at the moment',
}

/** The problem that an error is, and the headers that belong to it. */
export function problemOf(error: unknown): { problem: Problem; headers: Record<string, string> } {
  const known = toDasyError(error)
  const { code, message, hint, details, exitStatus } = known
  const status = statusOf(known)
  const isHidden = status === 500 || (status === 503 && exitStatus === EXIT.unreachable)
  const { stack, retryAfter = RETRY_AFTER, ...facts } = isHidden ? { stack: undefined } : details
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: (isHidden && GENERAL[status]) || message,
    code,
    hint: isHidden ? null : (hint ?? null),
  }
  for (const [name, fact] of Object.entries(facts)) if (!(name in problem)) problem[name] = fact
  const headers: Record<string, string> = {}
  if (status === 503 || status === 429) headers['retry-after'] = String(retryAfter)
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="dasy"'
  return { problem, headers }
}

export function statusOf(error: DasyError): number {
  const { code, exitStatus } = error
  const status = statuses[code]
  if (status !== undefined) return status
  if (exitStatus === EXIT.usage) return 400
  if (exitStatus === EXIT.unreachable) return 503
  // Of PostgreSQL's own errors those about values are the client's.
  if (code === 'DATABASE_ERROR') return /^(22|23|44)/.test(sqlState(error) ?? '') ? 422 : 500
  return 422
}

/** @see isTooLarge: fastify and its plugins have codes of their own */
export function toDasyError(error: unknown): DasyError {
  if (error instanceof DasyError) return error
  const { message, statusCode, validation, validationContext } = error as FastifyFailure
  if (isDiskFull(error)) return diskFull(error)
  if (validation) return invalid(validation, validationContext ?? 'request')
  if (statusCode === 404) return new DasyError('NOT_FOUND', message, { exitStatus: EXIT.failed })
  if (statusCode === 413) return new DasyError('UPLOAD_TOO_LARGE', message)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new DasyError('USAGE', message, { exitStatus: EXIT.usage })
  return internal(error)
}

interface FastifyFailure {
  readonly message: string
  readonly statusCode?: number
  readonly validation?: readonly Violation[]
  readonly validationContext?: string
}

/** As ajv reports it. */
interface Violation {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

function invalid([first]: readonly Violation[], where: string): DasyError {
  const { keyword, instancePath, message, params } = first as Violation
  const path = instancePath.slice(1).replaceAll('/', '.')
  const unknown = keyword === 'additionalProperties' ? String(params.additionalProperty) : undefined
  const option = [path, unknown ?? params.missingProperty].filter(Boolean).join('.') || where
  const why = unknown === undefined ? `${message}${allowed(params)}` : 'there is no such option'
  return new DasyError(unknown === undefined ? 'BAD_OPTION' : 'USAGE', `${option}: ${why}`, {
    hint: 'See /v1/openapi.json.',
    exitStatus: EXIT.usage,
    details: { option },
  })
}

function allowed({ allowedValues }: Violation['params']): string {
  return Array.isArray(allowedValues) ? `: ${allowedValues.join(', ')}` : ''
}

/** Whether an error of the system says that there is no room. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function diskFull(cause: unknown): DasyError {
  return new DasyError('DISK_FULL', 'the disk of the service is full', {
    hint: 'Free space under DASY_HOME.',
    cause,
  })
}
