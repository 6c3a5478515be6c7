import { bomLength, parseHeader } from '../csv/header.js'
import { type Dialect, type ScanState, scan } from '../csv/scan.js'
import { DasyError } from '../errors.js'
import type { Source } from '../source/source.js'

/** How a source begins: its columns, and where its records start. */
export interface Opening {
  readonly columns: readonly string[]
  /** The header as it stands in the source, its line end included. */
  readonly header: Uint8Array
  readonly start: ScanState
}

/** Bytes in which a header must end. */
const LONGEST_HEADER = 1024 * 1024

/**
 * Reads a source's byte order mark and header. Blank lines before the header do not count.
 * @param toUtf8 converts the header, where the source is in another encoding; told whether it begins with a mark
 * @throws DasyError EMPTY_FILE, BAD_HEADER
 */
export async function readOpening(
  source: Source,
  dialect: Dialect,
  toUtf8: (header: Uint8Array, marked: boolean) => Promise<Uint8Array> = async (header) => header,
): Promise<Opening> {
  const bytes = new Uint8Array(LONGEST_HEADER)
  const length = await source.read(bytes, 0)
  const final = length < bytes.length
  const text = bytes.subarray(bomLength(bytes), length)

  let at: ScanState = { offset: length - text.length, line: 1 }
  for (;;) {
    const rest = bytes.subarray(at.offset, length)
    if (rest.length === 0 && final) throw emptyFile(source.name)
    const next = scan(rest, at, { dialect, maxRecord: LONGEST_HEADER, final, stopAt: at.offset + 1 })
    if (next.state.offset === at.offset || next.fault) throw badHeader(source.name, at.line, next.fault)
    if (next.records > 0) {
      const header = rest.slice(0, next.state.offset - at.offset)
      const columns = parseHeader(await toUtf8(header, bomLength(bytes) > 0), dialect, source.name)
      return { columns, header, start: next.state }
    }
    at = next.state
  }
}

function emptyFile(file: string): DasyError {
  return new DasyError('EMPTY_FILE', `${file} is empty: it has not even a header`, {
    hint: 'The first line must name the columns.',
    details: { file },
  })
}

function badHeader(file: string, line: number, fault: string | undefined): DasyError {
  const why = fault ?? `it does not end within ${LONGEST_HEADER} bytes`
  return new DasyError('BAD_HEADER', `the header of ${file} cannot be read: ${why}`, {
    hint: 'Mend the first line of the file.',
    details: { file, line },
  })
}
