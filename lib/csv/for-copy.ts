import type { Format } from './format.js'
import { emptyNullFields } from './null-word.js'
import { trimFields } from './trim.js'

/** Whether COPY has to be told in other words what some fields of well-formed records mean. */
export function isForeignToCopy({ dialect, nullWord }: Pick<Format, 'dialect' | 'nullWord'>): boolean {
  return dialect.trim || nullWord !== undefined
}

/**
 * Well-formed records in the words of COPY, which knows neither blanks to leave out nor a second NULL.
 * @returns the very bytes that were handed in if there is nothing to change
 */
export function forCopy(
  records: Buffer,
  { dialect, nullWord }: Pick<Format, 'dialect' | 'nullWord'>,
): Buffer {
  const trimmed = dialect.trim ? trimFields(records, dialect) : records
  return nullWord ? emptyNullFields(trimmed, nullWord, dialect) : trimmed
}
