import { DasyError } from '../base/errors.js'

interface Doubtful {
  readonly source: { readonly name: string }
  readonly doubts: readonly string[]
}

/** What detection was not sure of, for all sources of a run. */
export function doubtsOf(sources: readonly Doubtful[]): string[] {
  return sources.flatMap(({ source, doubts }) =>
    doubts.map((doubt) => (sources.length === 1 ? doubt : `${source.name}: ${doubt}`)),
  )
}

/** Errors that can be caused by a wrong dialect or encoding. */
const CAUSED_BY_DIALECT = [
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
 * The same error with the doubts in its hint and details, if a wrong dialect may be its cause. An error that has doubts
 * already is returned unchanged.
 */
export function withDoubts(error: unknown, doubts: readonly string[]): unknown {
  if (!(error instanceof DasyError) || doubts.length === 0) return error
  if (error.details.doubts !== undefined || !CAUSED_BY_DIALECT.includes(error.code)) return error
  const { code, message, details, exitStatus } = error
  const hint = [...doubts.map(sentence), error.hint].filter(Boolean).join(' ')
  return new DasyError(code, message, { hint, details: { ...details, doubts }, exitStatus, cause: error })
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
