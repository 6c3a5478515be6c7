import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'
import { countSound, isRecordWithStrays } from './line-by-itself.js'

/**
 * Where records end, on which line they start, and which are faulty: the rule for records in docs/csv.md.
 *
 * For the next person who must change this state machine:
 *
 * - It stops only at quotes and line ends, and judges a quote by its two neighbours.
 * - Every answer is a function of the source's bytes, never of where a chunk ends: what a later byte could
 *   change is UNCERTAIN, and the caller comes back with more bytes. Limits count from the record's start.
 * - A quoted field that never closes takes back all that was found behind its opening line. So what is found
 *   stays in local variables until `finish` writes it down.
 * - A thousand such fields in a row must not search the rest of the source a thousand times. What a quote in a
 *   field means depends on the run of quotes it stands in, not on where the field opened (but for the run that
 *   opens it); so a search leaps over what a vain one before it has seen, up to `explored`.
 * - V8 keeps in registers what it knows to be 32-bit integers: hence `| 0`, positions that count from the
 *   chunk, and no writes to fields in the loop of `record`. bench/scan.mjs shows what this is worth.
 * - What only some dialects have, an escape of its own or blanks to leave out, is looked for by methods, so that it
 *   costs the others nothing. V8 no longer compiles `finish` into the loop when much is added to it.
 */

export type { Dialect } from './dialect.js'

/** What is wrong with a record: it is too long, else its first bad quote, else a quote that is never closed. */
export type Fault = 'stray quote' | 'unescaped quote' | 'quote never closed' | 'record too long'

/** Where a scan goes on. A source starts at `{ offset: 0, line: 1 }`. */
export interface ScanState {
  /** Bytes from the start of the source to the next record. */
  readonly offset: number
  /** The physical line there, from 1. LF, CR and CRLF each end a line, inside quotes too. */
  readonly line: number
  /** `offset` lies inside the record that starts here. It is too long, and the next line end ends it. */
  readonly skipping?: { readonly offset: number; readonly line: number }
  /** Saves time only: before this offset no quote closes a field, but those right behind the opening one. */
  readonly explored?: number
}

export interface ScanOptions {
  readonly dialect: Dialect
  /** Stop at the first certain record end that is at least so many bytes from the start of the source. */
  readonly stopAt: number
  /** The bytes end where the source ends. */
  readonly final: boolean
  /** The longest record in bytes, its line end not counted; at least 1. */
  readonly maxRecord: number
  /** Fields of a record. Without it rule 6, which needs to know, does not apply. */
  readonly columns?: number | undefined
}

export interface Scanned {
  /** Behind the last certain record end; the very object that was handed in if there is none. */
  readonly state: ScanState
  /** Data records passed, faulty ones included; blank lines and records of empty unquoted fields only are none. */
  readonly records: number
  /** Of the first faulty one among them. */
  readonly fault: Fault | undefined
  /** The kinds of record ends passed: 1 LF, 2 CR, 4 CRLF. Those of several scans can be ORed. */
  readonly recordEnds: number
  /** COPY would not take the bytes as they are: a blank line or record, mixed record ends, a record that is just `\.` */
  readonly irregular: boolean
}

const LF = 10
const CR = 13
const BACKSLASH = 92
const DOT = 46
/** No field is open. */
const NONE = -1
/** Instead of a position or a byte: bytes that are not here yet decide. */
const UNCERTAIN = -2
/** Instead of the byte behind the last one. */
const END_OF_SOURCE = -3
/** Instead of the byte behind a quote that is text. */
const ESCAPED = -4
/** Instead of a byte that gives the quote before it no meaning. */
const ANY = 0
const YES = 1
const NO = 0

/**
 * Passes records up to the first certain record end at or behind `stopAt`, or as far as the bytes reach.
 *
 * Scans that go on from each other's states say the same of each record whatever their chunks and stops; so
 * does a `final` scan of nothing but the bytes between two record starts. With `2 * maxRecord + 2` bytes, or with
 * `final`, a scan always gets on: by rule 6 a line that begins in a record may decide where that ends.
 *
 * @param bytes the source's from `from.offset` on
 */
export function scan(bytes: Uint8Array, from: ScanState, options: ScanOptions): Scanned {
  return new Scan(bytes, from, options).run()
}

/** Whether record ends are of more than one kind, which COPY refuses. */
export function isMixed(recordEnds: number): boolean {
  return (recordEnds & (recordEnds - 1)) !== 0
}

class Scan {
  /** The chunk, seen from the word boundary at or before it; positions count from there. */
  private readonly bytes: Uint8Array
  private readonly words: Int32Array
  private readonly start: number
  private readonly end: number
  private readonly origin: number
  private readonly maxRecord: number
  private readonly beyond: number
  private readonly delimiter: number
  private readonly trim: boolean
  private readonly isPlain: boolean
  private lines = 0
  private records = 0
  private fault: Fault | undefined
  private recordEnds = 0
  private irregular = false
  private skipping: ScanState['skipping']
  private explored: number

  constructor(
    bytes: Uint8Array,
    private readonly from: ScanState,
    private readonly options: ScanOptions,
  ) {
    this.start = bytes.byteOffset % 4
    this.end = this.start + bytes.length
    this.origin = from.offset - this.start
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset - this.start, this.end)
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset - this.start, this.end >> 2)
    this.maxRecord = Math.min(options.maxRecord, bytes.length)
    this.beyond = options.final ? END_OF_SOURCE : UNCERTAIN
    this.delimiter = options.dialect.delimiter
    this.trim = options.dialect.trim
    this.isPlain = !this.trim && !hasOwnEscape(options.dialect)
    this.skipping = from.skipping
    this.explored = Math.max(0, (from.explored ?? 0) - this.origin)
  }

  run(): Scanned {
    const stop = Math.min(this.options.stopAt - this.origin, this.end)
    let at = this.skipping ? this.skip(this.start) : this.start
    while (at < stop && !this.skipping) {
      const next = this.record(at)
      if (next === UNCERTAIN) break
      at = next
    }
    const { records, fault, recordEnds } = this
    const irregular = this.irregular || isMixed(recordEnds)
    return { state: this.state(at), records, fault, recordEnds, irregular }
  }

  private state(at: number): ScanState {
    const { from, origin, lines, skipping, explored } = this
    if (at === this.start && skipping === from.skipping) return from
    const state = { offset: origin + at, line: from.line + lines }
    return { ...state, ...(skipping && { skipping }), ...(explored > at && { explored: origin + explored }) }
  }

  /** Passes the record or blank line that starts at `from`. Returns where the next one starts, or UNCERTAIN. */
  private record(from: number): number {
    const { bytes, words } = this
    const quote = this.options.dialect.quote | 0
    const delimiter = this.options.dialect.delimiter | 0
    /** The quote, where its neighbours are all there is to judge it by. */
    const plain = this.isPlain ? quote : NONE
    const start = from | 0
    const last = (this.end | 0) - 1
    const beyond = this.beyond | 0
    const limit = Math.min(start + (this.maxRecord | 0), this.end | 0)
    let explored = this.explored | 0
    let lines = this.lines | 0
    let fault: Fault | undefined
    let open = NONE
    let openLines = 0
    let openFault: Fault | undefined
    /** The last field in which an unescaped quote was found. */
    let unescapedIn = NONE
    let at = start
    for (;;) {
      at = special(bytes, words, at, limit, quote)
      if (at >= limit) break
      const c = bytes[at]

      if (open === NONE) {
        if (c !== quote) break
        if (at > start && bytes[at - 1] !== delimiter && !this.isBehindBlanks(at, start)) {
          fault ??= 'stray quote'
          at += 1
          continue
        }
        open = at
        openLines = lines
        openFault = fault
        at = open < explored ? this.leap(open, limit) | 0 : open + 1
        continue
      }

      let next = at < last ? (bytes[at + 1] as number) : beyond
      if (c !== plain) {
        if (c !== quote) {
          if (c === LF || next !== LF) lines += 1
          at += 1
          continue
        }
        next = this.behindQuote(at, limit) | 0
      }
      if (next === quote) {
        at += 2
      } else if (endsField(next, delimiter)) {
        if (open < explored && at >= explored) {
          // It does close. Once more without a leap, for the lines and faults on the way.
          explored = 0
          lines = openLines
          at = open + 1
          continue
        }
        open = NONE
        at += 1
        if (next !== delimiter) break
      } else if (next === UNCERTAIN) {
        return UNCERTAIN
      } else if (next === ESCAPED) {
        at += 1
      } else {
        if (endsField(bytes[at - 1] as number, delimiter) || this.isBehindBlanks(at, open)) break
        // Behind a leap it is not the first one. That matters only if the field closes, and then there is no leap.
        if (open !== unescapedIn && open >= explored) {
          unescapedIn = open
          if (lines > openLines) {
            const opened = this.wasOpened(open, at)
            if (opened === UNCERTAIN) return UNCERTAIN
            if (opened === NO) break
          }
        }
        fault ??= 'unescaped quote'
        at += 1
      }
    }
    if (open === NONE) return this.finish(start, at, lines, fault)

    if (at >= limit && limit > last && beyond === UNCERTAIN) return UNCERTAIN
    const end = this.lineEnd(open, limit)
    const unescaped = this.hasUnpairedQuote(open + 1, Math.min(end, at))
    openFault ??= unescaped ? 'unescaped quote' : 'quote never closed'
    const next = this.finish(start, end, openLines, openFault)
    // Explored is only what lies behind this opening quote: of no use before the next record starts behind it.
    if (next !== UNCERTAIN) this.explored = at
    return next
  }

  /** Writes down the record from `start` to `at`, which is a line end, the end of the bytes, or the limit. */
  private finish(start: number, at: number, lines: number, fault: Fault | undefined): number {
    const { bytes, end, beyond } = this
    const c = at < end ? (bytes[at] as number) : beyond
    const next = at + 1 < end ? (bytes[at + 1] as number) : beyond
    if (c === UNCERTAIN || (c === CR && next === UNCERTAIN)) return UNCERTAIN
    if (c !== LF && c !== CR && c !== END_OF_SOURCE) {
      this.skipping = { offset: this.origin + start, line: this.from.line + this.lines }
      this.lines = lines
      return this.skip(at)
    }
    if (this.trim) this.countTrimmed(start, at)
    else this.count(start, at)
    this.fault ??= fault
    this.lines = c === END_OF_SOURCE ? lines : lines + 1
    if (c === END_OF_SOURCE) return at
    const isCrlf = c === CR && next === LF
    this.recordEnds |= isCrlf ? 4 : c === CR ? 2 : 1
    return isCrlf ? at + 2 : at + 1
  }

  private count(start: number, end: number): void {
    const { bytes } = this
    const isEmpty = end === start || (bytes[start] === this.delimiter && this.isOnlyDelimiters(start, end))
    const isEndOfCopy = end === start + 2 && bytes[start] === BACKSLASH && bytes[start + 1] === DOT
    if (isEmpty || isEndOfCopy) this.irregular = true
    if (!isEmpty) this.records += 1
  }

  private isOnlyDelimiters(from: number, end: number): boolean {
    let at = from
    while (at < end && this.bytes[at] === this.delimiter) at += 1
    return at === end
  }

  /** A field of nothing but blanks is empty. */
  private countTrimmed(from: number, to: number): void {
    const { bytes, delimiter } = this
    const { dialect } = this.options
    let start = from
    let end = to
    while (start < to && isBlank(bytes[start], dialect)) start += 1
    while (end > start && isBlank(bytes[end - 1], dialect)) end -= 1
    let filled = start
    while (filled < end && (bytes[filled] === delimiter || isBlank(bytes[filled], dialect))) filled += 1
    this.count(filled === end ? end : start, end)
  }

  /** Goes on to the end of the record that is too long, or as far as the bytes reach. */
  private skip(from: number): number {
    const at = this.lineEnd(from, this.end)
    const next = this.finish(NONE, at, this.lines, 'record too long')
    if (next === UNCERTAIN) return at
    this.skipping = undefined
    return next
  }

  /** Where to go on in a field that opens within `explored`: behind that, unless it closes at once. */
  private leap(open: number, limit: number): number {
    const { bytes, end } = this
    const { dialect } = this.options
    const { delimiter, quote, trim } = dialect
    let at = open + 1
    // With an escape of its own a quote does not depend on those before it.
    if (hasOwnEscape(dialect)) return Math.max(at, this.explored)
    while (at < end && bytes[at] === quote) at += 1
    const paired = (at - open) % 2 === 1
    let next = at < end ? (bytes[at] as number) : END_OF_SOURCE
    if (trim) next = this.behindBlanks(at, limit)
    const closes = next === UNCERTAIN || endsField(next, delimiter)
    return !paired && closes ? open + 1 : Math.max(at, this.explored)
  }

  /** What stands behind the quote at `at` in a field, said in such a way that it is to be judged by that alone. */
  private behindQuote(at: number, limit: number): number {
    const { bytes, end, beyond } = this
    const { dialect } = this.options
    const { delimiter, quote } = dialect
    const next = at + 1 < end ? (bytes[at + 1] as number) : beyond
    if (hasOwnEscape(dialect)) {
      if (isEscaped(bytes, at, dialect)) return ESCAPED
    } else if (next === quote) return quote
    if (!this.trim) return next === quote ? ANY : next
    const behind = this.behindBlanks(at + 1, limit)
    if (behind === quote) return ANY
    // The record does not end here, but behind the blanks.
    return endsField(behind, delimiter) ? delimiter : behind
  }

  /** The byte behind the blanks from `from` on; a line end where it is too far away for the record to fit. */
  private behindBlanks(from: number, limit: number): number {
    const { bytes, end, beyond } = this
    const { dialect } = this.options
    let at = from
    while (at < limit && isBlank(bytes[at], dialect)) at += 1
    if (at >= end) return beyond
    return isBlank(bytes[at], dialect) ? LF : (bytes[at] as number)
  }

  /** Whether blanks to be left out are all that stands in front of `at`, from a delimiter, a line end or `start` on. */
  private isBehindBlanks(at: number, start: number): boolean {
    const { bytes } = this
    if (!this.trim) return false
    const { dialect } = this.options
    let before = at - 1
    while (before >= start && isBlank(bytes[before], dialect)) before -= 1
    return before < start || endsField(bytes[before] as number, dialect.delimiter)
  }

  private lineEnd(from: number, end: number): number {
    let at = from
    while (at < end && this.bytes[at] !== LF && this.bytes[at] !== CR) at += 1
    return at
  }

  /**
   * Rule 6: whether the field that opens at `open` was meant to, although its first unescaped quote stands at `at`, on a
   * later line. No line is looked at for two fields: where the quotes before `at` are doubled or escaped, the lines
   * between hold no other field that could ask.
   */
  private wasOpened(open: number, at: number): typeof YES | typeof NO | typeof UNCERTAIN {
    const { bytes, maxRecord } = this
    const { dialect, columns } = this.options
    if (columns === undefined) return YES
    const layout = { bytes, dialect, columns }
    const from = this.lineEnd(open, at)
    const isCrlf = bytes[from] === CR && bytes[from + 1] === LF
    const last = this.lineStart(at)
    const sound = countSound(layout, isCrlf ? from + 2 : from + 1, last)
    if (sound !== 0) return sound > 0 ? NO : YES
    const limit = last + maxRecord
    const end = this.lineEnd(at, Math.min(limit + 1, this.end))
    if (end === this.end && end <= limit && this.beyond === UNCERTAIN) return UNCERTAIN
    return end <= limit && isRecordWithStrays(layout, last, end) ? NO : YES
  }

  private lineStart(from: number): number {
    let at = from
    while (this.bytes[at - 1] !== LF && this.bytes[at - 1] !== CR) at -= 1
    return at
  }

  private hasUnpairedQuote(from: number, end: number): boolean {
    const { bytes } = this
    const { dialect } = this.options
    const { quote } = dialect
    for (let at = from; at < end; at += 1) {
      if (bytes[at] !== quote) continue
      if (hasOwnEscape(dialect)) {
        if (!isEscaped(bytes, at, dialect)) return true
      } else if (bytes[++at] !== quote) return true
    }
    return false
  }
}

function endsField(c: number, delimiter: number): boolean {
  return c === delimiter || c === LF || c === CR || c === END_OF_SOURCE
}

/** The next quote, LF or CR, or `end`. First byte by byte, as many fields are short, then four at a time. */
function special(bytes: Uint8Array, words: Int32Array, from: number, end: number, quote: number): number {
  let at = from
  if (at + 8 <= end) {
    if (isSpecial(bytes[at] as number, quote)) return at
    if (isSpecial(bytes[at + 1] as number, quote)) return at + 1
    if (isSpecial(bytes[at + 2] as number, quote)) return at + 2
    if (isSpecial(bytes[at + 3] as number, quote)) return at + 3
    // Whether a word holds a quote or a byte below 14: "Determine if a word has a zero byte" and "… has a byte
    // less than n" of Sean Eron Anderson's Bit Twiddling Hacks.
    const quotes = Math.imul(quote, 0x01010101)
    const last = end >> 2
    let word = (at + 4) >> 2
    for (; word < last; word += 1) {
      const low = words[word] as number
      const same = low ^ quotes
      if ((((same - 0x01010101) & ~same) | ((low - 0x0e0e0e0e) & ~low)) & 0x80808080) break
    }
    at = word << 2
  }
  while (at < end && !isSpecial(bytes[at] as number, quote)) at += 1
  return at
}

function isSpecial(c: number, quote: number): boolean {
  return c === quote || (c <= CR && (c === CR || c === LF))
}
