import { type Dialect, type Scanned, type ScanState, scan } from './scan.js'

/** A few consecutive whole records of a source. */
export interface Piece extends Omit<Scanned, 'state'> {
  readonly start: ScanState
  /** The offset after it. */
  readonly next: ScanState
  /** With line ends; valid until the next piece is read. Only the beginning of a record that is too long. */
  readonly bytes: Buffer
}

export interface PiecesOptions {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** Fields of a record. */
  readonly columns: number
  /** Bytes a piece should have at least. */
  readonly size: number
  /** Fills a buffer from an absolute offset, or throws. */
  readonly read: (into: Uint8Array, offset: number) => void
}

/** Bytes kept of a record that is too long. */
export const KEPT_OF_TOO_LONG = 64 * 1024

/** This many more bytes show that more than a line end follows those that are kept. */
export const ENOUGH_TO_TELL = KEPT_OF_TOO_LONG + 3

const CHUNK = 256 * 1024

/** Cuts the bytes between two record boundaries of a source into pieces, blank lines included. */
export function* piecesBetween(
  start: ScanState,
  end: number,
  { dialect, maxRecord, columns, size, read }: PiecesOptions,
): Generator<Piece> {
  let chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - start.offset))
  let at = start
  while (at.offset < end) {
    const begin = at.offset
    const length = Math.min(chunk.length, end - begin)
    read(chunk.subarray(0, length), begin)
    // The end is a certain record end, so nothing follows the bytes.
    const final = begin + length === end
    for (let from = 0; from < length; from = at.offset - begin) {
      const stopAt = at.offset + (at.skipping ? 1 : size)
      const { state: next, ...found } = scan(chunk.subarray(from, length), at, {
        dialect,
        maxRecord,
        columns,
        final,
        stopAt,
      })
      if (next === at) break
      if (at.skipping && !next.skipping) {
        yield tooLong(at.skipping, next, read)
      } else {
        // Only the records before the one that is too long, which is next.
        const behind = next.skipping ?? next
        const bytes = chunk.subarray(from, Math.max(from, behind.offset - begin))
        if (bytes.length > 0) yield { ...found, start: at, next: behind, bytes }
      }
      at = next
    }
    // A record that is longer than the chunk: read more of it.
    if (at.offset === begin) chunk = Buffer.allocUnsafeSlow(chunk.length * 2)
  }
}

/** Read again from its start: what is kept must not depend on where a chunk ended. */
function tooLong(start: ScanState, next: ScanState, read: PiecesOptions['read']): Piece {
  const bytes = Buffer.allocUnsafe(Math.min(ENOUGH_TO_TELL, next.offset - start.offset))
  read(bytes, start.offset)
  return { start, next, bytes, records: 1, fault: 'record too long', recordEnds: 0, irregular: false }
}
