import { DasyError } from '../base/errors.js'
import { sqlState } from './failures.js'

/** What is worth trying again. Decided on SQLSTATE and `code`, never on a message's text. */

/**
 * SQLSTATEs that pass: 08 connection, 57P01 to 57P05 shutdown, crash, starting up and idle session, 53 a lack of
 * connections, disk or memory, 40001 serialization failure, 40P01 deadlock.
 */
const PASSING = /^(08...|57P0[1-5]|53[0-3]00|40001|40P01)$/

/** What the system says of a host that restarts or a network that comes back. */
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]

/** Whether what failed may succeed if it is tried again. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof DasyError)) return false
  if (error.triedAgain) return false
  const state = sqlState(error)
  if (error.code === 'CONNECTION_LOST') return true
  if (error.code === 'CONNECTION_FAILED' && (state === undefined || UNREACHABLE.includes(state))) return true
  return PASSING.test(state ?? '')
}

/** Marks an error that came again and again, so that nobody else begins to try. */
export function patienceIsOver(error: unknown): unknown {
  if (error instanceof DasyError) error.triedAgain = true
  return error
}

/** Whether a server that refuses us now may let us in soon: it starts up, or has no connection left. */
export function isBusy(error: unknown): boolean {
  return ['57P03', '53300'].includes(sqlState(error) ?? '')
}
