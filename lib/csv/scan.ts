import { contentOf, isOnlyDelimiters } from './content.js'
import { hasOwnEscape } from './dialect.js'
import { isUnescapedText } from './never-closed.js'
import type * as context from './quote-context.js'
import { QuoteContext } from './quote-context.js'
import { type Fault, isMixed, type Scanned, type ScanOptions, type ScanState } from './scan-types.js'
import { nextLineEnd, nextSpecial } from './special-bytes.js'

/**
 * Where records end, on which line each starts, and which are faulty: the rule for records in docs/csv.md.
 *
 * - The scan stops only at quotes and line ends, and judges a quote by its two neighbours.
 * - A result depends on the source's bytes, never on where a chunk ends: if a later byte could change it, it is
 *   UNCERTAIN, and the caller scans again with more bytes. Limits count from the record's start.
 * - If a quoted field is never closed, everything found after its opening line is discarded. So results stay in local
 *   variables until `finish` stores them.
 * - A thousand such fields in a row must not search the rest of the source a thousand times. What a quote in a field
 *   means depends on the run of quotes around it, not on where the field opened (except for the run that opens it).
 *   So a search skips what an earlier one has read in vain, up to `explored`.
 * - V8 keeps known 32-bit integers in registers: hence `| 0`, positions that count from the chunk, and no writes to
 *   properties in the loop of `record`. It reads imported constants from memory: hence the copies. It no longer inlines
 *   `finish` if that grows much. bench/scan.mjs measures it. What only some dialects need is in QuoteContext.
 */

export type { Dialect } from './dialect.js'
export { type Fault, isMixed, type Scanned, type ScanOptions, type ScanState } from './scan-types.js'

const LF = 10
const CR = 13
const BACKSLASH = 92
const DOT = 46
/** No field is open. */
const NONE = -1
// Copies of the constants in quote-context.ts; their types keep them equal.
const UNCERTAIN: typeof context.UNCERTAIN = -2
const END_OF_SOURCE: typeof context.END_OF_SOURCE = -3
const ESCAPED: typeof context.ESCAPED = -4

/**
 * Passes records up to the first certain record end at or after `stopAt`, or as far as the bytes reach.
 *
 * Scans that continue each other's states give the same result for each record, whatever their chunks and stops; so
 * does a `final` scan of just the bytes between two record starts. With `2 * maxRecord + 2` bytes, or with `final`,
 * a scan always passes something: by rule 6 a line that begins in a record may decide where the record ends.
 *
 * @param bytes the source's from `from.offset` on
 */
export function scan(bytes: Uint8Array, from: ScanState, options: ScanOptions): Scanned {
  return new Scan(bytes, from, options).run()
}

class Scan {
  /** The chunk, from the word boundary at or before its start; positions count from there. */
  private readonly bytes: Uint8Array
  private readonly words: Int32Array
  private readonly start: number
  private readonly end: number
  private readonly origin: number
  private readonly maxRecord: number
  private readonly beyond: typeof UNCERTAIN | typeof END_OF_SOURCE
  private readonly context: QuoteContext
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
    this.context = new QuoteContext(this.bytes, options.dialect, this.beyond)
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
    const { bytes, words, context } = this
    const quote = this.options.dialect.quote | 0
    const delimiter = this.options.dialect.delimiter | 0
    /** The quote, if its neighbours decide what it means. */
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
    /** The field with the last unescaped quote. */
    let unescapedIn = NONE
    let at = start
    for (;;) {
      at = nextSpecial(bytes, words, at, limit, quote)
      if (at >= limit) break
      const c = bytes[at]

      if (open === NONE) {
        if (c !== quote) break
        if (at > start && bytes[at - 1] !== delimiter && !context.isBehindBlanks(at, start)) {
          fault ??= 'stray quote'
          at += 1
          continue
        }
        open = at
        openLines = lines
        openFault = fault
        at = open < explored ? context.leap(open, limit, explored) | 0 : open + 1
        continue
      }

      let next = at < last ? (bytes[at + 1] as number) : beyond
      if (c !== plain) {
        if (c !== quote) {
          if (c === LF || next !== LF) lines += 1
          at += 1
          continue
        }
        next = context.behind(at, limit) | 0
      }
      if (next === quote) {
        at += 2
      } else if (endsField(next, delimiter)) {
        if (open < explored && at >= explored) {
          // The field closes: read it again without the leap, to find its lines and faults.
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
        if (endsField(bytes[at - 1] as number, delimiter) || context.isBehindBlanks(at, open)) break
        // After a leap this is not the first unescaped quote. That matters only if the field closes, and then it is read again.
        if (open !== unescapedIn && open >= explored) {
          unescapedIn = open
          if (lines > openLines) {
            const isText = isUnescapedText(bytes, this.options, open, at)
            if (isText === undefined) return UNCERTAIN
            if (!isText) break
          }
        }
        fault ??= 'unescaped quote'
        at += 1
      }
    }
    if (open === NONE) return this.finish(start, at, lines, fault)

    if (at >= limit && limit > last && beyond === UNCERTAIN) return UNCERTAIN
    const end = nextLineEnd(bytes, open, limit)
    const unescaped = context.hasUnescaped(open + 1, Math.min(end, at))
    openFault ??= unescaped ? 'unescaped quote' : 'quote never closed'
    const next = this.finish(start, end, openLines, openFault)
    // What was explored lies after this opening quote, so it helps only records that start after it.
    if (next !== UNCERTAIN) this.explored = at
    return next
  }

  /** Stores the record from `start` to `at`, which is a line end, the end of the bytes, or the limit. Returns as `record`. */
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
    if (this.trim) this.count(...contentOf(this.bytes, start, at, this.options.dialect))
    else this.count(start, at)
    this.fault ??= fault
    this.lines = c === END_OF_SOURCE ? lines : lines + 1
    if (c === END_OF_SOURCE) return at
    const isCrlf = c === CR && next === LF
    this.recordEnds |= isCrlf ? 4 : c === CR ? 2 : 1
    return isCrlf ? at + 2 : at + 1
  }

  private count(start: number, end: number): void {
    const { bytes, options } = this
    const isBlank = bytes[start] === this.delimiter && isOnlyDelimiters(bytes, start, end, this.delimiter)
    const isEmpty = end === start || isBlank
    const isEndOfCopy = end === start + 2 && bytes[start] === BACKSLASH && bytes[start + 1] === DOT
    if (isEmpty || isEndOfCopy) this.irregular = true
    if (isEmpty) return
    if (options.starts) options.starts[this.records] = start - this.start
    if (options.lines) options.lines[this.records] = this.lines
    this.records += 1
  }

  /** Skips to the end of the record that is too long, or as far as the bytes reach. */
  private skip(from: number): number {
    const at = nextLineEnd(this.bytes, from, this.end)
    const next = this.finish(NONE, at, this.lines, 'record too long')
    if (next === UNCERTAIN) return at
    this.skipping = undefined
    return next
  }
}

function endsField(c: number, delimiter: number): boolean {
  return c === delimiter || c === LF || c === CR || c === END_OF_SOURCE
}
