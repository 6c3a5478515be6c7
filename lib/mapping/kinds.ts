/** The types that --infer knows, the narrowest first, with their bits in the result of dasy.kinds (sql/migrations). */
export const CANDIDATES: readonly { readonly bit: number; readonly type: string }[] = [
  { bit: 1, type: 'boolean' },
  { bit: 2, type: 'integer' },
  { bit: 4, type: 'bigint' },
  { bit: 8, type: 'numeric' },
  { bit: 16, type: 'date' },
  { bit: 32, type: 'timestamp' },
  { bit: 64, type: 'timestamptz' },
  { bit: 128, type: 'uuid' },
]

const CALENDAR = ['date', 'timestamp', 'timestamptz']

/** The types for columns of a key: values with different texts stay different, so two keys never become one. */
const FOR_KEYS = ['integer', 'bigint', 'date', 'uuid']

/**
 * The types that all values of a column may have, the narrowest first.
 * @param kinds the bits that all values have in common
 * @param key whether the column is part of the key
 */
export function candidatesFor(kinds: number, key: boolean): string[] {
  const types = CANDIDATES.filter(({ bit }) => (kinds & bit) !== 0).map(({ type }) => type)
  return key ? types.filter((type) => FOR_KEYS.includes(type)) : types
}

/** Whether values of the type must be checked by a cast: 2026-02-30 has the form of a date, but is none. */
export function isOfCalendar(type: string): boolean {
  return CALENDAR.includes(type)
}
