import type { Change } from './change.js'

/** Changes as CSV in long form: a line for each column of each change. NULL is an empty field, empty text is `""`. */

/** @param key the columns of the key */
export function csvHeader(key: readonly string[]): string {
  return line(['op', ...key, 'column', 'old', 'new'])
}

export function csvLines({ op, key, old = {}, new: now = {} }: Change): string {
  const names = Object.keys(op === 'delete' ? old : now)
  return names
    .map((name) => line([op, ...Object.values(key), name, old[name] ?? null, now[name] ?? null]))
    .join('')
}

function line(fields: readonly (string | null)[]): string {
  return `${fields.map(field).join(',')}\n`
}

function field(text: string | null): string {
  if (text === null) return ''
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
