import { DasyError } from '../base/errors.js'

interface Doubtful {
  readonly source: { readonly name: string }
  readonly doubts: readonly string[]
}

/** What the detection was not sure of, of all sources. */
export function doubtsOf(readings: readonly Doubtful[]): string[] {
  return readings.flatMap(({ source, doubts }) =>
    doubts.map((doubt) => (readings.length === 1 ? doubt : `${source.name}: ${doubt}`)),
  )
}

/** Errors that may come of a file that was read in another way than it was meant. */
const MAY_FOLLOW = [
  'BAD_HEADER',
  'EMPTY_FILE',
  'KEY_COLUMN_MISSING',
  'KEY_MISMATCH',
  'COLUMN_UNKNOWN',
  'COLUMN_AMBIGUOUS',
  'COLUMN_NOT_FOUND',
  'COLUMN_GENERATED',
  'COLUMNS_DIFFER',
  'TYPE_DIFFERS',
  'TOO_MANY_COLUMNS',
  'TOO_MANY_REJECTS',
  'DUPLICATE_KEY',
  'KEY_EXISTS',
]

/**
 * The same error, with what detection was not sure of in its hint and its details.
 * @param doubts said already where the error has some
 */
export function withDoubts(error: unknown, doubts: readonly string[]): unknown {
  if (!(error instanceof DasyError) || doubts.length === 0) return error
  if (error.details.doubts !== undefined || !MAY_FOLLOW.includes(error.code)) return error
  const { code, message, details, exitStatus } = error
  const hint = [...doubts.map(sentence), error.hint].filter(Boolean).join(' ')
  return new DasyError(code, message, { hint, details: { ...details, doubts }, exitStatus, cause: error })
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
