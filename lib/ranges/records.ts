import { type Dialect, type ScanState, scan } from '../csv/scan.js'

/** One record as it stands in the source. */
export interface SourceRecord {
  /** Absolute byte of its first byte. */
  readonly byte: number
  /** Physical line it begins on. */
  readonly line: number
  /** Its bytes without the line end; valid until the next record is asked for. */
  readonly bytes: Uint8Array
  /** What the scan has against it. */
  readonly fault: string | undefined
}

export interface RecordsOptions {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** Fills a buffer from an absolute offset and returns how many bytes there were. */
  readonly read: (into: Uint8Array, offset: number) => number
}

const CHUNK = 256 * 1024
/** Bytes of a record beyond `maxRecord` that are handed over. */
const KEPT_OF_OVERSIZED = 64 * 1024
const LF = 0x0a
const CR = 0x0d

/**
 * The records between two record boundaries of a source, one by one; blank lines are passed over. Of a record that
 * is too long only the first 64 KiB are handed over, so memory stays bounded.
 */
export function* recordsBetween(
  start: ScanState,
  end: number,
  { dialect, maxRecord, read }: RecordsOptions,
): Generator<SourceRecord> {
  let chunk = new Uint8Array(CHUNK)
  let oversized: Omit<SourceRecord, 'fault'> | undefined
  let at = start
  while (at.offset < end) {
    const length = read(chunk.subarray(0, Math.min(chunk.length, end - at.offset)), at.offset)
    if (length === 0) return
    // A range ends at a certain record end, so where its bytes end there is nothing to wait for.
    const final = at.offset + length === end
    const begin = at.offset
    for (let from = 0; from < length; from = at.offset - begin) {
      const options = { dialect, maxRecord, final, stopAt: at.offset + 1 }
      const { state, records, fault } = scan(chunk.subarray(from, length), at, options)
      if (state.offset === at.offset) break
      const bytes = chunk.subarray(from, state.offset - begin)
      if (state.skipping) {
        oversized ??= { byte: at.offset, line: at.line, bytes: bytes.slice(0, KEPT_OF_OVERSIZED) }
      } else if (oversized) {
        yield { ...oversized, fault }
        oversized = undefined
      } else if (records > 0) {
        yield { byte: at.offset, line: at.line, bytes: withoutLineEnd(bytes), fault }
      }
      at = state
    }
    if (at.offset === begin) chunk = new Uint8Array(chunk.length * 2)
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  if (bytes[end - 1] === LF) end--
  if (bytes[end - 1] === CR) end--
  return bytes.subarray(0, end)
}
