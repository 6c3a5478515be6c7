import { closingQuote, type Dialect } from './dialect.js'

const LF = 0x0a
const CR = 0x0d

/**
 * Empties each unquoted field that is exactly `word`: to COPY only one text is NULL, here the empty field.
 *
 * @param records complete ones without a fault, already trimmed
 * @returns the same buffer if there is no such field
 */
export function emptyNullFields(records: Buffer, word: Uint8Array, dialect: Dialect): Buffer {
  const { delimiter, quote } = dialect
  const kept: Buffer[] = []
  let keptTo = 0
  let seen = 0
  let found = records.indexOf(word)
  while (found !== -1) {
    while (seen < found) seen = 1 + (records[seen] === quote ? closingQuote(records, seen, dialect) : seen)
    const end = found + word.length
    const isField = isEdge(records[found - 1], delimiter) && isEdge(records[end], delimiter)
    if (isField && seen === found) {
      kept.push(records.subarray(keptTo, found))
      keptTo = end
    }
    // Continues after a quoted field.
    found = records.indexOf(word, Math.max(found + 1, seen))
  }
  return kept.length === 0 ? records : Buffer.concat([...kept, records.subarray(keptTo)])
}

/** Whether a field begins after this byte, or ends before it; undefined stands for the edge of the records. */
function isEdge(byte: number | undefined, delimiter: number): boolean {
  return byte === undefined || byte === delimiter || byte === LF || byte === CR
}
