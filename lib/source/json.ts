/**
 * Whether a text is JSON and not CSV: its first line is a JSON object or array, or the beginning of one. A record of which
 * only the first field is JSON is CSV.
 * @param isAll whether the text is complete
 */
export function isJson(text: string, isAll: boolean): boolean {
  const trimmed = text.replace(/^(\xef\xbb\xbf|\ufeff)?\s*/, '')
  if (!/^[[{]/.test(trimmed)) return false
  const [line = '', ...rest] = trimmed.split(/\r?\n/)
  // Minified JSON is one long line.
  if (rest.length === 0 && !isAll) return /^(\[\s*)?\{\s*"[^"]*"\s*:/.test(line)
  if (/^[[{]\s*([[{]\s*)?$/.test(line)) return true
  const open = line.replace(/,\s*$/, '')
  return ['', ']', '}', '}]', ']]'].some((end) => isParsed(open + end))
}

function isParsed(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}
