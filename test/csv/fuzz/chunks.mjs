import { scan } from '../../../dist/csv/scan.js'
import { fieldsOfHeader, recordsOf, USUAL } from './reference.mjs'

/**
 * The scan alone, in chunks of a few bytes: no file here is as long as the chunks that a load reads.
 * @param {Buffer} bytes
 * @param {import('./random.mjs').Random} random
 * @param {import('./reference.mjs').Dialect} [dialect]
 * @param {number} [columns] as many as the first record has where it is not given
 * @returns {string[]} each record's byte, line and fault
 */
export function scanInChunks(bytes, random, dialect = USUAL, columns) {
  const most = random.pick([4, 50, 2000])
  const found = []
  const header = columns === undefined ? recordsOf(bytes, dialect)[0] : undefined
  /** @type {import('../../../dist/csv/scan.js').ScanState} */
  let at = { offset: bytes.indexOf('\uFEFF') === 0 ? 3 : 0, line: 1 }
  for (let size = random.between(1, most); at.offset < bytes.length; ) {
    const chunk = bytes.subarray(at.offset, at.offset + size)
    const final = at.offset + chunk.length === bytes.length
    const { state, records, fault } = scan(chunk, at, {
      dialect,
      maxRecord: bytes.length,
      final,
      stopAt: at.offset + 1,
      columns: columns ?? (header && at.offset > header.byte ? fieldsOfHeader(header) : undefined),
    })
    if (state === at && final) throw new Error(`the scan stops at byte ${at.offset}`)
    if (records > 0) found.push(place({ byte: at.offset, line: at.line, fault }))
    size = state === at ? size * 2 : random.between(1, most)
    at = state
  }
  return found
}

/** @param {{ byte: number, line: number, fault: string | undefined }} record */
export function place({ byte, line, fault }) {
  return `byte ${byte}, line ${line}: ${fault ?? 'good'}`
}
