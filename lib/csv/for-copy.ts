import type { Format } from './format.js'
import { emptyNullFields } from './null-word.js'
import { trimFields } from './trim.js'

/** Whether some fields of well-formed records must be changed for COPY. */
export function isForeignToCopy({ dialect, nullWord }: Pick<Format, 'dialect' | 'nullWord'>): boolean {
  return dialect.trim || nullWord !== undefined
}

/**
 * Well-formed records as COPY reads them: without blanks around fields, and with NULL words replaced by empty fields.
 * @returns the same buffer if nothing changes
 */
export function forCopy(
  records: Buffer,
  { dialect, nullWord }: Pick<Format, 'dialect' | 'nullWord'>,
): Buffer {
  const trimmed = dialect.trim ? trimFields(records, dialect) : records
  return nullWord ? emptyNullFields(trimmed, nullWord, dialect) : trimmed
}
