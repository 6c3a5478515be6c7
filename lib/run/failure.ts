import { DasyError } from '../base/errors.js'

/** Errors that would come again: a run that stopped with one cannot be resumed. */
const FINAL = [
  'SOURCE_CHANGED',
  'CORRUPT_SOURCE',
  'SOURCE_TOO_LARGE',
  'SUSPICIOUS_COMPRESSION',
  'DUPLICATE_KEY',
  'KEY_EXISTS',
  'RUN_TAKEN',
]

/**
 * Whether a run that failed cannot be resumed: it would fail again, or what it still needs of its sources is gone.
 * @param canReadAgain whether all that is not staged can be read again
 */
export function isFinal(cause: unknown, canReadAgain: boolean): boolean {
  if (!(cause instanceof DasyError)) return false
  return FINAL.includes(cause.code) || !canReadAgain
}

export function outcomeOf(code: string): 'failed' | 'interrupted' | 'rejected' {
  if (code === 'INTERRUPTED') return 'interrupted'
  return code === 'TOO_MANY_REJECTS' ? 'rejected' : 'failed'
}
