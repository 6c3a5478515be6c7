import { withoutLineEnd } from './line-end.js'
import { KEPT_OF_TOO_LONG, type Piece, type PiecesOptions, piecesBetween } from './pieces.js'
import { type Fault, type ScanState, scan } from './scan.js'

/** One record as it is in the source. */
export interface SourceRecord {
  /** The offset of its first byte in the source. */
  readonly byte: number
  /** The physical line on which it begins, from 1. */
  readonly line: number
  /** Its bytes without the line end; valid until the next record is read. */
  readonly bytes: Buffer
  /** False for a record that is too long, of which only the first 64 KiB are kept. */
  readonly complete: boolean
  /** The fault that the scan found. */
  readonly fault: Fault | undefined
}

/** Bytes of a piece. */
const SIZE = 64 * 1024

/** The records between two record boundaries of a source, one by one, without blank lines. */
export function* recordsBetween(
  start: ScanState,
  end: number,
  options: Omit<PiecesOptions, 'size'>,
): Generator<SourceRecord> {
  for (const piece of piecesBetween(start, end, { ...options, size: SIZE })) yield* recordsOf(piece, options)
}

/** The records of a piece, one by one, without blank lines. */
export function* recordsOf(
  piece: Piece,
  { dialect, maxRecord, columns }: Pick<PiecesOptions, 'dialect' | 'maxRecord' | 'columns'>,
): Generator<SourceRecord> {
  const { bytes, start, next: end } = piece
  // A record that is too long may be incomplete here and have no line end.
  if (bytes.length < end.offset - start.offset) {
    yield sourceRecord(start, bytes, piece.fault)
    return
  }
  for (let at = start, from = 0; from < bytes.length; ) {
    const options = { dialect, maxRecord, columns, final: true, stopAt: at.offset + 1 }
    const { state, records, fault } = scan(bytes.subarray(from), at, options)
    const to = state.offset - start.offset
    if (records > 0) yield sourceRecord(at, bytes.subarray(from, to), fault)
    at = state
    from = to
  }
}

/** A record that is too long. @param bytes its beginning, longer than what is kept */
export function tooLongRecord(start: ScanState, bytes: Buffer): SourceRecord {
  return sourceRecord(start, bytes, 'record too long')
}

function sourceRecord({ offset, line }: ScanState, withEnd: Buffer, fault: Fault | undefined): SourceRecord {
  const record = withoutLineEnd(withEnd)
  const complete = fault !== 'record too long' || record.length <= KEPT_OF_TOO_LONG
  const bytes = complete ? record : record.subarray(0, KEPT_OF_TOO_LONG)
  return { byte: offset, line, bytes, complete, fault }
}
