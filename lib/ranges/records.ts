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
const LF = 0x0a
const CR = 0x0d

/** The records between two record boundaries of a source, one by one; blank lines are passed over. */
export function* recordsBetween(
  start: ScanState,
  end: number,
  { dialect, maxRecord, read }: RecordsOptions,
): Generator<SourceRecord> {
  let chunk = new Uint8Array(CHUNK)
  let at = start
  while (at.offset < end) {
    const length = read(chunk.subarray(0, Math.min(chunk.length, end - at.offset)), at.offset)
    if (length === 0) return
    // A range ends at a certain record end, so where its bytes end there is nothing to wait for.
    const final = at.offset + length === end
    const begin = at.offset
    for (;;) {
      const from = at.offset - begin
      if (from === length) break
      const { state, records, fault } = scan(chunk.subarray(from, length), at, {
        dialect,
        maxRecord,
        final,
        stopAt: at.offset + 1,
      })
      if (state.offset === at.offset) break
      if (records > 0) {
        const bytes = withoutLineEnd(chunk.subarray(from, state.offset - begin))
        yield { byte: at.offset, line: at.line, bytes, fault }
      }
      at = state
    }
    if (at.offset === begin) chunk = new Uint8Array(chunk.length * 2)
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  if (bytes[end - 1] === LF) end--
  if (bytes[end - 1] === CR && (end === bytes.length || end === bytes.length - 1)) end--
  return bytes.subarray(0, end)
}
