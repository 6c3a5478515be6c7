import type { RecordFormat } from '../csv/format.js'
import type { Piece } from '../csv/pieces.js'
import { recordsOf, type SourceRecord } from '../csv/records.js'
import { type ScanState, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'

/** Bytes read at a time. */
const CHUNK = 256 * 1024

/**
 * The records of any source between two record boundaries, one by one, without blank lines and without those that are too long.
 * @param end the offset of the second boundary
 * @param containing only records with these bytes
 */
export async function* readRecords(
  source: Source,
  start: ScanState,
  end: number,
  format: Pick<RecordFormat, 'dialect' | 'maxRecord' | 'columns'>,
  containing?: Buffer,
): AsyncGenerator<SourceRecord> {
  let size = CHUNK
  for (let at = start; at.offset < end; ) {
    const begin = at.offset
    const chunk = Buffer.allocUnsafeSlow(Math.min(size, end - begin))
    const length = await source.read(chunk, begin)
    if (length === 0) return
    const final = begin + length >= end
    const { state: next, ...found } = scan(chunk.subarray(0, length), at, { ...format, final, stopAt: end })
    if (next === at && length < chunk.length) return
    // The record is longer than the chunk: read more of it.
    if (next === at) size *= 2
    const behind = next.skipping ?? next
    const bytes = chunk.subarray(0, Math.max(0, behind.offset - begin))
    const piece = { ...found, start: at, next: behind, bytes }
    if (!at.skipping && bytes.length > 0)
      yield* containing ? search(piece, format, containing) : recordsOf(piece, format)
    at = next
  }
}

function* search(
  piece: Piece,
  format: Pick<RecordFormat, 'dialect' | 'maxRecord' | 'columns'>,
  containing: Buffer,
): Generator<SourceRecord> {
  if (!piece.bytes.includes(containing)) return
  for (const record of recordsOf(piece, format)) if (record.bytes.includes(containing)) yield record
}
