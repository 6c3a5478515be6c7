import type { Dialect } from './dialect.js'

/** What a scan is given, and what it returns. */

/** What is wrong with a record: it is too long, else its first bad quote, else a quote that is never closed. */
export type Fault = 'stray quote' | 'unescaped quote' | 'quote never closed' | 'record too long'

/** Where a scan continues. A source starts at `{ offset: 0, line: 1 }`. */
export interface ScanState {
  /** Bytes from the start of the source to the next record. */
  readonly offset: number
  /** The physical line there, from 1. LF, CR and CRLF each end a line, inside quotes too. */
  readonly line: number
  /** `offset` lies inside the record that starts here. It is too long, and the next line end ends it. */
  readonly skipping?: { readonly offset: number; readonly line: number }
  /** Only saves time: no quote before this offset closes a field, except quotes directly after the opening one. */
  readonly explored?: number
}

export interface ScanOptions {
  readonly dialect: Dialect
  /** Stop at the first certain record end that is at least this many bytes from the start of the source. */
  readonly stopAt: number
  /** Whether the source ends where the bytes end. */
  readonly final: boolean
  /** The longest record in bytes, its line end not counted; at least 1. */
  readonly maxRecord: number
  /** Fields of a record. Without it rule 6, which needs the number, does not apply. */
  readonly columns?: number | undefined
  /**
   * Receives where each record that counts starts, from the first byte on; has room for one a byte. Of a record that is
   * too long, which may have begun in an earlier chunk, a number below 0.
   */
  readonly starts?: Int32Array | undefined
  /** With `starts`: receives how many lines end between the first byte and the start of each of these records. */
  readonly lines?: Int32Array | undefined
}

export interface Scanned {
  /** After the last certain record end; the same object that was passed in if there is none. */
  readonly state: ScanState
  /** Data records passed, faulty ones included; blank lines and records of empty unquoted fields only do not count. */
  readonly records: number
  /** The fault of the first faulty record among them. */
  readonly fault: Fault | undefined
  /** The kinds of record ends passed, as bits: 1 LF, 2 CR, 4 CRLF. Those of several scans can be ORed. */
  readonly recordEnds: number
  /** COPY would not take the bytes as they are: a blank line or record, mixed record ends, a record that is just `\.` */
  readonly irregular: boolean
}

/** Whether record ends are of more than one kind, which COPY refuses. */
export function isMixed(recordEnds: number): boolean {
  return (recordEnds & (recordEnds - 1)) !== 0
}
