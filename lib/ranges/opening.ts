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
  /** What the user says of columns that the header names badly. */
  readonly dealtWith?: ColumnOptions
  /** Converts the header, where the source is in another encoding; told whether it begins with a mark. */
  readonly toUtf8?: (header: Uint8Array, marked: boolean) => Promise<Uint8Array>
}

/** The most bytes of a header. */
export const LONGEST_HEADER = 1024 * 1024

/**
 * Reads a source's byte order mark and header. Blank lines before the header are skipped.
 * @throws DasyError EMPTY_FILE, BAD_HEADER
 */
export async function readOpening(source: Source, options: OpeningOptions): Promise<Opening> {
  const { dialect, columns, toUtf8 = async (header: Uint8Array) => header } = options
  const bytes = await source.head(LONGEST_HEADER)
  const final = bytes.length < LONGEST_HEADER
  const marked = bomLength(bytes)

  let at = skipLines(bytes, marked, options.skipLines)
  if (columns) {
    if (at.offset === bytes.length && final) throw emptyFile(source.name, 'no record', options.skipLines)
    return { columns, header: new Uint8Array(), start: at }
  }
  for (;;) {
    const rest = bytes.subarray(at.offset)
    if (rest.length === 0 && final) throw emptyFile(source.name, 'not even a header', options.skipLines)
    const next = scan(rest, at, { dialect, maxRecord: LONGEST_HEADER, final, stopAt: at.offset + 1 })
    if (next.state.offset === at.offset || next.fault) throw badHeader(source.name, at.line, next.fault)
    if (next.records > 0) {
      // A copy: a slice would keep the whole Buffer in memory.
      const header = Uint8Array.from(rest.subarray(0, next.state.offset - at.offset))
      return {
        columns: parseHeader(await toUtf8(header, marked > 0), dialect, source.name, options.dealtWith),
        header,
        start: next.state,
      }
    }
    at = next.state
  }
}

const LF = 0x0a
const CR = 0x0d

/** Quotes have no meaning there: these lines are no records. */
function skipLines(bytes: Uint8Array, from: number, lines: number): ScanState {
  let offset = from
  for (let line = 1; line <= lines; line++) {
    while (offset < bytes.length && bytes[offset] !== LF && bytes[offset] !== CR) offset += 1
    offset += bytes[offset] === CR && bytes[offset + 1] === LF ? 2 : 1
  }
  return { offset: Math.min(offset, bytes.length), line: lines + 1 }
}

function emptyFile(file: string, lacks: string, skipped: number): DasyError {
  const details = { file }
  if (skipped > 0) {
    const lines = skipped === 1 ? 'line' : `${skipped} lines`
    return new DasyError('EMPTY_FILE', `${file} has ${lacks} after the ${lines} that are skipped`, {
      hint: `--skip-lines ${skipped} leaves nothing of it: skip fewer lines.`,
      details,
    })
  }
  return new DasyError('EMPTY_FILE', `${file} is empty: it has ${lacks}`, {
    hint: 'The first line must name the columns.',
    details,
  })
}

function badHeader(file: string, line: number, fault: string | undefined): DasyError {
  const why = fault ?? `it does not end within ${LONGEST_HEADER} bytes`
  return new DasyError('BAD_HEADER', `the header of ${file} cannot be read: ${why}`, {
    hint:
      'If quotes are text, --quote none; if blanks stand before quotes, --trim; if lines stand in front of the header, --skip-lines N; ' +
      'or name all columns: --skip-lines 1 --no-header --columns NAME,…',
    details: { file, line },
  })
}
