import { isUtf8 } from 'node:buffer'
import { detectUtf16 } from './detect-utf16.js'
import type { Doubt } from './detection/detection.js'

/** The encoding of a text, as far as its first bytes show it. */
export interface DetectedEncoding {
  /** By the byte order mark, else by what the text looks like, else UTF8. */
  readonly name: 'UTF8' | 'UTF-16LE' | 'UTF-16BE' | 'UTF-32LE' | 'UTF-32BE'
  /** Bytes of the byte order mark, 0 without one. */
  readonly mark: number
  readonly doubts: readonly Doubt[]
}

/** The longer ones first: the mark of UTF-32LE begins with that of UTF-16LE. */
const MARKS = [
  { name: 'UTF-32LE', bytes: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32BE', bytes: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF8', bytes: [0xef, 0xbb, 0xbf] },
  { name: 'UTF-16LE', bytes: [0xff, 0xfe] },
  { name: 'UTF-16BE', bytes: [0xfe, 0xff] },
] as const

const LF = 0x0a
const CR = 0x0d
/** The most bytes of a character in UTF-8 after its first. */
const CUT_OFF = 3

/**
 * Detects the encoding by the byte order mark. A text without one is UTF-8, unless it can only be UTF-16.
 * @param head the first bytes; they may end within a character unless they are `final`
 */
export function detectEncoding(head: Uint8Array, final = false): DetectedEncoding {
  const marked = MARKS.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (marked && marked.name !== 'UTF8') return { name: marked.name, mark: marked.bytes.length, doubts: [] }
  const mark = marked?.bytes.length ?? 0
  const wide = marked ? undefined : detectUtf16(head)
  if (wide) return { name: wide, mark, doubts: [{ text: wideDoubt(wide) }] }
  const doubt = invalidDoubt(head, final)
  return { name: 'UTF8', mark, doubts: doubt === undefined ? [] : [doubt] }
}

function wideDoubt(name: string): string {
  return `the text has no byte order mark, but looks like ${name} and is read as that; --encoding ${name} (or another) decides`
}

function invalidDoubt(head: Uint8Array, final: boolean): Doubt | undefined {
  const at = firstInvalid(head, final)
  if (at === undefined) return undefined
  const byte = (head[at] as number).toString(16).toUpperCase().padStart(2, '0')
  const line = 1 + lineEnds(head.subarray(0, at))
  const text =
    `bytes that are not UTF-8, such as ${byte} in line ${line}: ` +
    'if the text is in another encoding, name it, for example --encoding WIN1252'
  return { text, better: { encoding: 'WIN1252' } }
}

/** The offset of the first character that is not UTF-8, by binary search. */
function firstInvalid(head: Uint8Array, final: boolean): number | undefined {
  if (isUtf8(head) || (!final && isUtf8Prefix(head))) return undefined
  let good = 0
  let bad = head.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isUtf8Prefix(head.subarray(0, middle))) good = middle
    else bad = middle
  }
  while (!isUtf8(head.subarray(0, good))) good -= 1
  return good
}

/** Whether these bytes are UTF-8, except that the last character may be incomplete. */
function isUtf8Prefix(bytes: Uint8Array): boolean {
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

/** Bytes of a character, by its first byte. */
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
