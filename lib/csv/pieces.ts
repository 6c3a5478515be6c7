import { type Dialect, type Scanned, type ScanOptions, type ScanState, scan } from './scan.js'

/** A few consecutive whole records of a source. */
export interface Piece extends Omit<Scanned, 'state'> {
  readonly start: ScanState
  /** Where the next piece starts. */
  readonly next: ScanState
  /** With line ends; valid until the next piece is read. Of a record that is too long, only the beginning. */
  readonly bytes: Buffer
}

export interface PiecesOptions extends Pick<ScanOptions, 'starts' | 'lines'> {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** The number of fields in a record. */
  readonly columns: number
  /** The least number of bytes in a piece, except the last. */
  readonly size: number
  /** Fills a buffer from an offset in the source, or throws. */
  readonly read: (into: Uint8Array, offset: number) => void
  /** Where they are read to, if many ranges are read: `CHUNK` bytes. */
  readonly chunk?: Buffer
}

/** Bytes kept of a record that is too long. */
export const KEPT_OF_TOO_LONG = 64 * 1024

/** Enough to see that more than a line end follows the bytes that are kept. */
export const ENOUGH_TO_TELL = KEPT_OF_TOO_LONG + 3

/** Bytes that are read at a time, but of longer records. */
export const CHUNK = 256 * 1024

/**
 * Cuts the bytes between two record boundaries of a source into pieces, blank lines included.
 * @param end offset of the second boundary
 */
export function* piecesBetween(
  start: ScanState,
  end: number,
  { dialect, maxRecord, columns, size, read, starts, lines, chunk: memory }: PiecesOptions,
): Generator<Piece> {
  let chunk = memory ?? Buffer.allocUnsafeSlow(Math.min(CHUNK, end - start.offset))
  let at = start
  while (at.offset < end) {
    const begin = at.offset
    const length = Math.min(chunk.length, end - begin)
    read(chunk.subarray(0, length), begin)
    // The last chunk ends at a record boundary, so it can be scanned as if the source ended there.
    const final = begin + length === end
    for (let from = 0; from < length; from = at.offset - begin) {
      const stopAt = at.offset + (at.skipping ? 1 : size)
      const { state: next, ...found } = scan(chunk.subarray(from, length), at, {
        dialect,
        maxRecord,
        columns,
        final,
        stopAt,
        starts,
        lines,
      })
      if (next === at) break
      if (at.skipping && !next.skipping) {
        yield tooLong(at.skipping, next, read)
      } else {
        // Up to the record that is too long, which is a piece of its own.
        const behind = next.skipping ?? next
        const bytes = chunk.subarray(from, Math.max(from, behind.offset - begin))
        if (bytes.length > 0) yield { ...found, start: at, next: behind, bytes }
      }
      at = next
    }
    // The record is longer than the chunk: read more of it.
    if (at.offset === begin) chunk = Buffer.allocUnsafeSlow(chunk.length * 2)
  }
}

/** Reads the record again from its start, because what is kept must not depend on where a chunk ended. */
function tooLong(start: ScanState, next: ScanState, read: PiecesOptions['read']): Piece {
  const bytes = Buffer.allocUnsafe(Math.min(ENOUGH_TO_TELL, next.offset - start.offset))
  read(bytes, start.offset)
  return { start, next, bytes, records: 1, fault: 'record too long', recordEnds: 0, irregular: false }
}
