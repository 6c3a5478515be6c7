import { isUtf8 } from 'node:buffer'
import type { Doubt } from './detection/detection.js'

/** What a text is written in, as far as its first bytes tell. */
export interface DetectedEncoding {
  /** UTF8, or what a byte order mark says, or what it looks like. */
  readonly name: 'UTF8' | 'UTF-16LE' | 'UTF-16BE' | 'UTF-32LE' | 'UTF-32BE'
  /** Bytes of the mark, 0 without one. */
  readonly mark: number
  readonly doubts: readonly Doubt[]
}

/** The longer ones first: UTF-32LE begins as UTF-16LE does. */
const MARKS = [
  { name: 'UTF-32LE', bytes: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32BE', bytes: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF8', bytes: [0xef, 0xbb, 0xbf] },
  { name: 'UTF-16LE', bytes: [0xff, 0xfe] },
  { name: 'UTF-16BE', bytes: [0xfe, 0xff] },
] as const

const LF = 0x0a
const CR = 0x0d
/** Bytes that may stand behind the first one of a character in UTF-8. */
const CUT_OFF = 3
/** Bytes that are looked at for UTF-16, and which part of its characters must be such as people write. */
const SAMPLE = 4096
const MOSTLY = 0.9
/** So much of a text is left without its NULs, where they do not belong to it. */
const FEW_NULS = 0.8
const MOSTLY_ASCII = 0.85

/**
 * Goes by the byte order mark; without one a text is UTF-8, unless it can only be UTF-16.
 * @param head the first bytes; it may end within a character unless it is `final`
 */
export function detectEncoding(head: Uint8Array, final = false): DetectedEncoding {
  const marked = MARKS.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (marked && marked.name !== 'UTF8') return { name: marked.name, mark: marked.bytes.length, doubts: [] }
  const mark = marked?.bytes.length ?? 0
  const wide = marked ? undefined : looksWide(head)
  if (wide) return { name: wide, mark, doubts: [{ text: wideDoubt(wide) }] }
  const doubt = foreignDoubt(head, final)
  return { name: 'UTF8', mark, doubts: doubt === undefined ? [] : [doubt] }
}

function wideDoubt(name: string): string {
  return `without a byte order mark, this looks like ${name} and is read as that; --encoding ${name} (or another) decides`
}

/** In UTF-16 delimiters and line ends have a NUL byte, and as what it is most characters are such as people write. */
function looksWide(head: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  const sample = Buffer.from(head.subarray(0, Math.min(SAMPLE, head.length - (head.length % 2))))
  if (sample.length === 0 || !sample.includes(0) || isNarrow(sample)) return undefined
  const little = legible(sample.toString('utf16le'))
  const big = legible(Buffer.from(sample).swap16().toString('utf16le'))
  if (Math.max(little, big) < MOSTLY || little === big) return undefined
  return little > big ? 'UTF-16LE' : 'UTF-16BE'
}

/**
 * Text of one byte a character in which a few NULs stand: two ASCII letters look like one Chinese character. In UTF-16 half of
 * the bytes of Latin text are NULs, and those of other scripts are neither UTF-8 nor mostly ASCII.
 */
function isNarrow(sample: Uint8Array): boolean {
  const rest = sample.filter((byte) => byte !== 0)
  if (rest.length < FEW_NULS * sample.length) return false
  const ascii = rest.filter(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === LF || byte === CR,
  )
  return ascii.length > MOSTLY_ASCII * rest.length || isBegun(rest)
}

const LEGIBLE =
  /[\t\r\n -~\u00a0-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1e00-\u27bf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\ufe30-\ufe4f\uff00-\uffef]|[\ud800-\udbff][\udc00-\udfff]/g

/** Which part of the characters people write. ASCII must be among them: delimiters, and the ends of lines. */
function legible(text: string): number {
  const ascii = (text.match(/[\t\r\n -~]/g)?.length ?? 0) / text.length
  if (!/[\n\r]/.test(text) && ascii < 0.3) return 0
  const found = text.match(LEGIBLE)?.reduce((sum, { length }) => sum + length, 0) ?? 0
  return found / text.length
}

function foreignDoubt(head: Uint8Array, final: boolean): Doubt | undefined {
  const at = firstForeign(head, final)
  if (at === undefined) return undefined
  const byte = (head[at] as number).toString(16).toUpperCase().padStart(2, '0')
  const line = 1 + lineEnds(head.subarray(0, at))
  const text =
    `bytes that are not UTF-8, such as ${byte} in line ${line}: ` +
    'if it is in another encoding, say so, for example --encoding WIN1252'
  return { text, better: { encoding: 'WIN1252' } }
}

/** Where the first character begins that is not UTF-8, found by halving. */
function firstForeign(head: Uint8Array, final: boolean): number | undefined {
  if (isUtf8(head) || (!final && isBegun(head))) return undefined
  let good = 0
  let bad = head.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isBegun(head.subarray(0, middle))) good = middle
    else bad = middle
  }
  while (!isUtf8(head.subarray(0, good))) good -= 1
  return good
}

/** Whether these bytes are UTF-8, but for a character at the end of which a part is missing. */
function isBegun(bytes: Uint8Array): boolean {
  let whole = bytes.length
  while (whole > 0 && bytes.length - whole < CUT_OFF && isContinuation(bytes[whole - 1] as number)) whole -= 1
  const lead = bytes[whole - 1] ?? 0
  if (lead >= 0xc2 && lead < 0xf5 && lengthOf(lead) > bytes.length - whole + 1) whole -= 1
  else whole = bytes.length
  return isUtf8(bytes.subarray(0, whole))
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0
}

/** Bytes of the character that begins so. */
function lengthOf(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
}

function lineEnds(bytes: Uint8Array): number {
  let ends = 0
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) ends += 1
  }
  return ends
}
