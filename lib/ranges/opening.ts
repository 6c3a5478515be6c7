import { DasyError } from '../base/errors.js'
import { bomLength, type ColumnOptions, parseHeader } from '../csv/header.js'
import { type Dialect, type ScanState, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'

/** How a source begins: its columns, and where its records start. */
export interface Opening {
  readonly columns: readonly string[]
  /** The header as it is in the source, with its line end; empty if there is none. */
  readonly header: Uint8Array
  readonly start: ScanState
}

export interface OpeningOptions {
  readonly dialect: Dialect
  /** Physical lines to skip before the header. */
  readonly skipLines: number
  /** The columns if there is no header. */
  readonly columns: readonly string[] | undefined
  /** The user's options for columns whose names cannot be used: --map and --ignore. */
  readonly columnOptions?: ColumnOptions
  /** Converts the header of a source in another encoding. `hasMark`: whether the source has a byte order mark. */
  readonly toUtf8?: (header: Uint8Array, hasMark: boolean) => Promise<Uint8Array>
}

/** Bytes that a header, with what precedes it, may have. */
export const LONGEST_HEADER = 1024 * 1024

/**
 * Reads a source's byte order mark and header. Blank lines before the header are skipped.
 * @throws DasyError EMPTY_FILE, BAD_HEADER
 */
export async function readOpening(source: Source, options: OpeningOptions): Promise<Opening> {
  const { dialect, columns, toUtf8 = async (header: Uint8Array) => header } = options
  const bytes = await source.head(LONGEST_HEADER)
  const final = bytes.length < LONGEST_HEADER
  const mark = bomLength(bytes)

  let at = skipLines(bytes, mark, options.skipLines)
  if (columns) {
    if (at.offset === bytes.length && final) throw emptyFile(source.name, 'record', options.skipLines)
    return { columns, header: new Uint8Array(), start: at }
  }
  for (;;) {
    const rest = bytes.subarray(at.offset)
    if (rest.length === 0 && final) throw emptyFile(source.name, 'header', options.skipLines)
    const next = scan(rest, at, { dialect, maxRecord: LONGEST_HEADER, final, stopAt: at.offset + 1 })
    if (next.state.offset === at.offset || next.fault) throw badHeader(source.name, at.line, next.fault)
    if (next.records > 0) {
      // A copy: a slice would keep the whole Buffer in memory.
      const header = Uint8Array.from(rest.subarray(0, next.state.offset - at.offset))
      return {
        columns: parseHeader(await toUtf8(header, mark > 0), dialect, source.name, options.columnOptions),
        header,
        start: next.state,
      }
    }
    at = next.state
  }
}

const LF = 0x0a
const CR = 0x0d

/** Skips physical lines. They are not records, so quotes have no meaning in them. */
function skipLines(bytes: Uint8Array, from: number, lines: number): ScanState {
  let offset = from
  for (let line = 1; line <= lines; line++) {
    while (offset < bytes.length && bytes[offset] !== LF && bytes[offset] !== CR) offset += 1
    offset += bytes[offset] === CR && bytes[offset + 1] === LF ? 2 : 1
  }
  return { offset: Math.min(offset, bytes.length), line: lines + 1 }
}

/** @param missing what the file lacks: `record`, `header` */
function emptyFile(file: string, missing: string, skipped: number): DasyError {
  const details = { file }
  if (skipped > 0) {
    const lines = skipped === 1 ? 'skipped line' : `${skipped} skipped lines`
    return new DasyError('EMPTY_FILE', `${file} has no ${missing} after the ${lines}`, {
      hint: `--skip-lines ${skipped} skips the whole file: skip fewer lines.`,
      details,
    })
  }
  return new DasyError('EMPTY_FILE', `${file} is empty: it has no ${missing}`, {
    hint: missing === 'header' ? 'The first line must name the columns.' : undefined,
    details,
  })
}

function badHeader(file: string, line: number, fault: string | undefined): DasyError {
  const why = fault ?? `it does not end within ${LONGEST_HEADER} bytes`
  return new DasyError('BAD_HEADER', `the header of ${file} cannot be read: ${why}`, {
    hint:
      'Use --quote none if quotes are text, --trim if blanks precede quotes, --skip-lines N if lines precede the header; ' +
      'or name the columns yourself: --skip-lines 1 --no-header --columns NAME,…',
    details: { file, line },
  })
}
