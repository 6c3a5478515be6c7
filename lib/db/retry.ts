import { DasyError } from '../base/errors.js'
import { sqlState } from './failures.js'

/** Which errors are worth a retry. SQLSTATE and `code` decide, never the text of a message. */

/**
 * SQLSTATEs of transient errors: 08 connection; 57P01 to 57P05 shutdown, crash, start-up and idle session; 53 too few
 * connections, too little disk or memory; 40001 serialization failure; 40P01 deadlock.
 */
const TRANSIENT = /^(08...|57P0[1-5]|53[0-3]00|40001|40P01)$/

/** The system's error codes while a host restarts or a network is down. */
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]

/** Whether a retry may succeed. */
export function isTransient(error: unknown): boolean {
  return isPassing(error) && !error.triedAgain
}

/** Whether the cause is one that passes, even if it did not while the work was retried. */
export function isPassing(error: unknown): error is DasyError {
  if (!(error instanceof DasyError)) return false
  const state = sqlState(error)
  if (error.code === 'CONNECTION_LOST') return true
  if (error.code === 'CONNECTION_FAILED' && (state === undefined || UNREACHABLE.includes(state))) return true
  return TRANSIENT.test(state ?? '')
}

/** The same error, marked as one that is not worth another retry. Errors of other classes are returned as they are. */
export function withoutRetry<Thrown>(error: Thrown): Thrown | DasyError {
  if (!(error instanceof DasyError)) return error
  const { code, message, hint, exitStatus, details, cause } = error
  return new DasyError(code, message, { hint, exitStatus, details, cause, triedAgain: true })
}

/** Whether a server that refuses a connection may accept one soon: it is starting up, or has no free connection. */
export function isBusy(error: unknown): boolean {
  return ['57P03', '53300'].includes(sqlState(error) ?? '')
}
