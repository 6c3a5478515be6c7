/** What a value can be, from the narrowest type on; as a bit each in dasy.kinds (sql/migrations). */
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

/** Of these, what is written differently is different: two keys never become one by their type. */
const FOR_KEYS = ['integer', 'bigint', 'date', 'uuid']

/** The types for values that can all be of these kinds, the narrowest first. */
export function candidatesFor(kinds: number, key: boolean): string[] {
  const types = CANDIDATES.filter(({ bit }) => (kinds & bit) !== 0).map(({ type }) => type)
  return key ? types.filter((type) => FOR_KEYS.includes(type)) : types
}

/** Whether what looks like such a value may be no day of the calendar. */
export function isOfCalendar(type: string): boolean {
  return CALENDAR.includes(type)
}
