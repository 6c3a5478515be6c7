import { chooseDelimiter } from './detection/delimiter.js'
import type { Detected, Given } from './detection/detection.js'
import { lineDoubts } from './detection/lines.js'
import { chooseQuotes } from './detection/quoting.js'
import { bomLength } from './header.js'

export type { BetterOptions, Detected, Doubt, Given } from './detection/detection.js'

/** Detection reads this many bytes, and more if these hold fewer lines than this. */
const ENOUGH_BYTES = 64 * 1024
const FEWEST_LINES = 20

const LF = 0x0a
const CR = 0x0d

/**
 * Detects the dialect by the first records: the rules of "Detection" in docs/csv.md. Options that the user gave are not
 * changed. It chooses the delimiter first (each is tried with and without quotes), then the quotes, and then finds lines that
 * may be no records.
 *
 * @param head the first bytes of the text, in UTF-8 or another encoding that contains ASCII
 * @param final whether the text ends there; else it may end within a record
 */
export function detectDialect(head: Uint8Array, given: Given, final: boolean): Detected {
  const named = namedDelimiter(head)
  const skipLines = Math.max(given.skipLines, named === undefined ? 0 : 1)
  const known = { ...given, delimiter: given.delimiter ?? named }
  const all = textAfter(head, skipLines)
  const text = windowOf(all)
  const isAll = final && text.length === all.length
  const { quotings, doubts } = chooseDelimiter(text, known, isAll)
  const { sample, doubts: quoteDoubts } = chooseQuotes(quotings, all)
  const skipped = skipLines + blankLinesAfter(head, skipLines)
  const lines = lineDoubts(sample, known, skipped)
  return { dialect: sample.dialect, skipLines, doubts: [...doubts, ...quoteDoubts, ...lines] }
}

/** The delimiter that a first line such as `sep=;` names; Excel writes and reads such lines. */
function namedDelimiter(head: Uint8Array): number | undefined {
  const start = bomLength(head)
  const line = Buffer.from(head.subarray(start, start + 16)).toString('latin1')
  const [, name] = /^"?sep=(\\t|.)"?[ ]*[\r\n]/i.exec(line) ?? []
  const byte = name === '\\t' ? 0x09 : (name?.charCodeAt(0) ?? 0)
  return byte > 0 && byte < 0x80 ? byte : undefined
}

/** The text after the byte order mark, the skipped lines and blank lines. */
function textAfter(head: Uint8Array, skipLines: number): Buffer {
  let at = bomLength(head)
  for (let left = skipLines; left > 0 && at < head.length; left -= 1) at = nextLine(head, at)
  while (head[at] === LF || head[at] === CR) at += 1
  return Buffer.from(head.buffer, head.byteOffset, head.length).subarray(at)
}

/** The number of blank lines after the skipped ones. */
function blankLinesAfter(head: Uint8Array, skipLines: number): number {
  let at = bomLength(head)
  for (let left = skipLines; left > 0 && at < head.length; left -= 1) at = nextLine(head, at)
  let blank = 0
  while (head[at] === LF || head[at] === CR) {
    at += head[at] === CR && head[at + 1] === LF ? 2 : 1
    blank += 1
  }
  return blank
}

function nextLine(head: Uint8Array, from: number): number {
  let at = from
  while (at < head.length && head[at] !== LF && head[at] !== CR) at += 1
  return at + (head[at] === CR && head[at + 1] === LF ? 2 : 1)
}

/** The part of the text that detection reads: all of it only if its lines are very long. */
function windowOf(text: Buffer): Buffer {
  if (text.length <= ENOUGH_BYTES) return text
  if (hasLines(text, LF) || hasLines(text, CR)) return text.subarray(0, ENOUGH_BYTES)
  let lines = 0
  for (let at = 0; at < text.length; at += 1) {
    if (at >= ENOUGH_BYTES && lines >= FEWEST_LINES) return text.subarray(0, at)
    if (text[at] === LF || text[at] === CR) lines += 1
  }
  return text
}

/** Whether the first bytes hold enough lines. A fast check, true for most texts. */
function hasLines(text: Buffer, end: number): boolean {
  let at = -1
  for (let left = FEWEST_LINES; left > 0; left -= 1) {
    at = text.indexOf(end, at + 1)
    if (at === -1 || at >= ENOUGH_BYTES) return false
  }
  return true
}
