import { printable } from '../printable.js'

const MARKS: Readonly<Record<string, string>> = { '\r\n': '⏎', '\n': '⏎', '\r': '⏎', '\t': '⇥' }

/**
 * A value on one line. NULL and empty text differ, and so does a text that reads NULL, or whose blanks at an end would not be
 * seen.
 */
export function shownValue(value: string | null): string {
  if (value === null) return 'NULL'
  const text = printable(value.replace(/\r\n|[\n\r\t]/g, (found) => MARKS[found] as string))
  return text === '' || text === 'NULL' || /^\s|\s$/.test(text) ? `"${text}"` : text
}
