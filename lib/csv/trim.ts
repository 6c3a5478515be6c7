import { closingQuote, type Dialect, isBlank } from './dialect.js'

const LF = 0x0a
const CR = 0x0d
const BLANKS = [' ', '\t']

/**
 * Removes the blanks around fields, before opening quotes and after closing ones: to COPY they are text.
 *
 * @param records complete ones without a fault
 * @returns the same buffer if there are no blanks
 */
export function trimFields(records: Buffer, dialect: Dialect): Buffer {
  if (!BLANKS.some((blank) => records.includes(blank))) return records
  const { delimiter, quote } = dialect
  const trimmed = Buffer.allocUnsafe(records.length)
  let to = 0
  for (let at = 0; at < records.length; at += 1) {
    at = behindBlanks(at)
    const begin = to
    if (records[at] === quote) {
      const close = closingQuote(records, at, dialect)
      to += records.copy(trimmed, to, at, close + 1)
      at = behindBlanks(close + 1)
    } else {
      while (at < records.length && !endsField(records[at] as number)) trimmed[to++] = records[at++] as number
      while (to > begin && isBlank(trimmed[to - 1], dialect)) to -= 1
    }
    if (at < records.length) trimmed[to++] = records[at] as number
  }
  return trimmed.subarray(0, to)

  function behindBlanks(from: number): number {
    let at = from
    while (isBlank(records[at], dialect)) at += 1
    return at
  }

  function endsField(byte: number): boolean {
    return byte === delimiter || byte === LF || byte === CR
  }
}
