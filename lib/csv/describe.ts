import { NO_QUOTE } from '../contract/dialect-options.js'
import { type Dialect, hasOwnEscape } from './dialect.js'
import { isMixed } from './scan.js'

const NAMES = new Map([
  [0x2c, 'comma'],
  [0x3b, 'semicolon'],
  [0x09, 'tab'],
  [0x7c, 'pipe'],
  [0x20, 'space'],
])
export type LineEnds = 'LF' | 'CR' | 'CRLF' | 'mixed'

const LINE_ENDS: ReadonlyMap<number, LineEnds> = new Map([
  [1, 'LF'],
  [2, 'CR'],
  [4, 'CRLF'],
])
const USUAL_QUOTE = 0x22
/** The number of columns that are listed. */
const SHOWN = 12

/** A character's name in messages: `semicolon`, `"^"`, `byte 1F`. */
export function nameOf(byte: number): string {
  const printable = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : undefined
  return NAMES.get(byte) ?? printable ?? `byte ${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/**
 * A file's dialect in one line: `comma, UTF-8, CRLF, header: name, sku, description`.
 * @param encoding as it is shown
 * @param recordEnds as in `Scanned`; 0 if no record has ended yet
 */
export function describeDialect(
  dialect: Dialect,
  encoding: string,
  recordEnds: number,
  columns: readonly string[],
  header: boolean,
): string {
  const { quote, escape: mark } = dialect
  const named = columns.slice(0, SHOWN).join(', ')
  const more = columns.length > SHOWN ? `, … (${columns.length} columns)` : ''
  return [
    nameOf(dialect.delimiter),
    ...(quote === NO_QUOTE ? ['no quotes'] : quote === USUAL_QUOTE ? [] : [`quote ${character(quote)}`]),
    ...(hasOwnEscape(dialect) ? [`escape ${character(mark)}`] : []),
    ...(dialect.trim ? ['trimmed'] : []),
    encoding === 'UTF8' ? 'UTF-8' : encoding,
    ...(isMixed(recordEnds) ? ['mixed line ends'] : [LINE_ENDS.get(recordEnds) ?? []].flat()),
    `${header ? 'header' : 'no header'}: ${named}${more}`,
  ].join(', ')
}

/** @param recordEnds as in `Scanned`. @returns undefined for 0 */
export function nameOfLineEnds(recordEnds: number): LineEnds | undefined {
  return isMixed(recordEnds) ? 'mixed' : LINE_ENDS.get(recordEnds)
}

function character(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : nameOf(byte)
}
