/**
 * The rule for records as a table of cases, and the scan against an independent, naive reading of the rule.
 * A failed fuzz test names its seed; `SEED=… npx tap test/csv/scan.test.ts` plays it again.
 */
import t from 'tap'
import { type Fault, isMixed, type Scanned, type ScanState, scan } from '../../lib/csv/scan.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const start: ScanState = { offset: 0, line: 1 }
const unlimited = 2 ** 40

type Expectation = [start: number, line: number, fault?: Fault]
interface Case {
  readonly name: string
  readonly source: string
  readonly records: Expectation[]
  readonly irregular: boolean
  readonly maxRecord: number
  readonly columns: number | undefined
}

function c(name: string, source: string, records: Expectation[], more: Partial<Case> = {}): Case {
  return { name, source, records, irregular: false, maxRecord: unlimited, columns: undefined, ...more }
}

function expectation(start: number, line: number, fault: Fault | undefined): Expectation {
  return fault ? [start, line, fault] : [start, line]
}

const STRAY = 'stray quote'
const UNESCAPED = 'unescaped quote'
const OPEN = 'quote never closed'
const LONG = 'record too long'
const irregular = true
const two = { columns: 2 }

// biome-ignore format: a table
const cases: Case[] = [
  c('an empty source has no records', '', []),
  c('LF ends a record', 'a\nb\n', [[0, 1], [2, 2]]),
  c('CR ends a record', 'a\rb\r', [[0, 1], [2, 2]]),
  c('CRLF ends a record', 'a\r\nb\r\n', [[0, 1], [3, 2]]),
  c('the end of the source ends a record', 'a\nb', [[0, 1], [2, 2]]),
  c('all kinds of record ends in one source', 'a\nb\rc\r\nd', [[0, 1], [2, 2], [4, 3], [7, 4]], { irregular }),
  c('LF then CR is a blank line', 'a\n\rb\n', [[0, 1], [3, 3]], { irregular }),
  c('blank lines are no records', '\na\r\n\r\nb\n\n', [[1, 2], [6, 4]], { irregular }),
  c('only blank lines', '\r\n\r\n', [], { irregular }),
  c('an empty quoted field alone is no blank line', '""\n""', [[0, 1], [3, 2]]),
  c('a record of empty unquoted fields is none', ',\n,,,\na,\n,b\n,', [[6, 3], [9, 4]], { irregular }),
  c('… whatever ends it', ',\r,,\r\na\r,', [[6, 3]], { irregular }),
  c('… an empty field in quotes makes it one', ',""\n"",\n,,"",\n', [[0, 1], [4, 2], [8, 3]]),
  c('a blank in a line is no blank line', ' \n', [[0, 1]]),
  c('an end-of-copy mark is data like any other', 'a\n\\.\nb\n', [[0, 1], [2, 2], [5, 3]], { irregular }),
  c('an end-of-copy mark before CRLF', '\\.\r\nb\r\n', [[0, 1], [4, 2]], { irregular }),
  c('an end-of-copy mark at the end', 'a\n\\.', [[0, 1], [2, 2]], { irregular }),
  c('no end-of-copy mark: more on its line', '\\.a\n\\.,\n"\\."\na\\.\n', [[0, 1], [4, 2], [8, 3], [13, 4]]),
  c('no end-of-copy mark: inside quotes', '"a\n\\.\nb"\n', [[0, 1]]),
  c('control bytes are text', 'a\0\t\x0b\x0c\n\tb\n', [[0, 1], [6, 2]]),
  c('bytes above ASCII are text', '\xa2\xff\x8a\n\x8d\n', [[0, 1], [4, 2]]),

  c('line breaks in quotes are text, and lines', '"a\nb\rc\r\nd"\ne\n', [[0, 1], [11, 5]]),
  c('delimiters in quotes are text', '"a,b",c\nd\n', [[0, 1], [8, 2]]),
  c('a doubled quote is text', '"a""b"\n"""a"\n"a"""\n', [[0, 1], [7, 2], [13, 3]]),
  c('nothing but doubled quotes', '""""\n""""""\n', [[0, 1], [5, 2]]),
  c('a doubled quote before a line break', '"a""\nb"\nc\n', [[0, 1], [8, 3]]),
  c('a doubled quote after a line break', '"a\n""b"\nc\n', [[0, 1], [8, 3]]),
  c('a doubled quote next to a delimiter', '"a"",b"\n"a,""b"\nc\n', [[0, 1], [8, 2], [16, 3]]),
  c('a quote before the end of the source closes', 'a\n"b"', [[0, 1], [2, 2]]),
  c('empty quoted fields', '"","",""\r\n,"",\r\n', [[0, 1], [10, 2]]),

  c('one stray quote', 'a,5" pipe\nb\n', [[0, 1, STRAY], [10, 2]]),
  c('two stray quotes glue nothing together', '5" a\nb\n6" c\nd\n', [[0, 1, STRAY], [5, 2], [7, 3, STRAY], [12, 4]]),
  c('a quote after a blank is stray', 'a, "b"\nc\n', [[0, 1, STRAY], [7, 2]]),
  c('a doubled stray quote', 'a""b\nc\n', [[0, 1, STRAY], [5, 2]]),
  c('a stray quote opens nothing', 'a"b\nc"\nd\n', [[0, 1, STRAY], [4, 2, STRAY], [7, 3]]),
  c('a stray quote is the last byte', 'a"', [[0, 1, STRAY]]),
  c('a quoted field after a stray quote', 'a",",\n"\nb\n', [[0, 1, STRAY], [8, 3]]),

  c('text after a quote that should close', '"abc"def\nb\n', [[0, 1, UNESCAPED], [9, 2]]),
  c('… in the last line', '"abc"def', [[0, 1, UNESCAPED]]),
  c('… before a quoted field', '"abc"def,"g"\n"b"\n', [[0, 1, UNESCAPED], [13, 2]]),
  c('quotes around words', '"say "hi" now"\nb\n', [[0, 1, UNESCAPED], [15, 2]]),
  c('an unescaped quote leaves the field open', '"a"b\nc"\nd\n', [[0, 1, UNESCAPED], [8, 3]]),
  c('an unescaped quote right behind the opening one', '""a"\nb\n', [[0, 1, UNESCAPED], [5, 2]]),
  c('an odd run of quotes before text', '"a"""b"\nc\n', [[0, 1, UNESCAPED], [8, 2]]),
  c('an odd run of quotes after a delimiter', '"a,"""b"\nc\n', [[0, 1, UNESCAPED], [9, 2]]),
  c('the first bad quote counts', 'a",",b"c"\n"a"b","c"d"\n', [[0, 1, STRAY], [10, 2, UNESCAPED]]),

  c('never closed: a quote after LF looks like an opening one', '"a\n"b"\nc\n', [[0, 1, OPEN], [3, 2], [7, 3]]),
  c('never closed: … after CR', '"a\r"b"\rc\r', [[0, 1, OPEN], [3, 2], [7, 3]]),
  c('never closed: … after CRLF', '"a\r\n"b"\r\nc\r\n', [[0, 1, OPEN], [4, 2], [9, 3]]),
  c('never closed: … after a delimiter', 'a,"b\nc,d\ne,"f"\n', [[0, 1, OPEN], [5, 2], [9, 3]]),
  c('never closed: … on the same line', '"a,"b"c\nd\n', [[0, 1, OPEN], [8, 2]]),
  c('never closed: … in the last line', 'a\n"b,"c', [[0, 1], [2, 2, OPEN]]),
  c('never closed, in a record of several lines', '"a\nb","c\nd,"e"\n', [[0, 1, OPEN], [9, 3]]),
  c('never closed, after another bad quote', 'x"y,"a\n"b"\n', [[0, 1, STRAY], [7, 2]]),
  c('never closed, and a bad quote on a later line', '"a\nb"c\nd,"e"\n', [[0, 1, OPEN], [3, 2, STRAY], [7, 3]]),
  c('never closed, with doubled quotes', '"a""b\n"c"\n', [[0, 1, OPEN], [6, 2]]),
  c('never closed, before a blank line', '"a\n\nb\n', [[0, 1, OPEN], [4, 3]], { irregular }),
  c('a doubled quote never looks like an opening one', '"a\n"",b\nc\n', [[0, 1, OPEN], [3, 2], [8, 3]]),
  c('open at the end of the source', '"a\nb\nc', [[0, 1, OPEN], [3, 2], [5, 3]]),
  c('open at the end of the source, last line', 'a\n"b', [[0, 1], [2, 2, OPEN]]),
  c('open at the end of the source, last byte', 'a\n"', [[0, 1], [2, 2, OPEN]]),
  c('never closed, opened by the last byte of a line', 'a,"\nb\n', [[0, 1, OPEN], [4, 2]]),
  c('many that look like opening ones', '"a\n"b\n"c\n"d\n', [[0, 1, OPEN], [3, 2, OPEN], [6, 3, OPEN], [9, 4, OPEN]]),
  c('many that stay open', 'a,""b\na,""b\nc\n', [[0, 1, UNESCAPED], [6, 2, UNESCAPED], [12, 3]]),
  c('some close among those that stay open', '"""b\n"",""b\n"c"\nd', [[0, 1, OPEN], [5, 2, UNESCAPED], [12, 3], [16, 4]]),

  c('as long as the limit', 'aaaa\r\nb\n', [[0, 1], [6, 2]], { maxRecord: 4, irregular }),
  c('as long as the limit, at the end', 'a\nbbbb', [[0, 1], [2, 2]], { maxRecord: 4 }),
  c('a byte longer', 'aaaaa\nb\n', [[0, 1, LONG], [6, 2]], { maxRecord: 4 }),
  c('longer, at the end', 'a\nbbbbbbbbb', [[0, 1], [2, 2, LONG]], { maxRecord: 4 }),
  c('longer by a delimiter', '"aa",\nb\n', [[0, 1, LONG], [6, 2]], { maxRecord: 4 }),
  c('quotes beyond the limit mean nothing', 'aaaa,"b\nc"\nd\n', [[0, 1, LONG], [8, 2, STRAY], [11, 3]], { maxRecord: 4 }),
  c('too long beats another fault', 'a"aaaaaa\nb\n', [[0, 1, LONG], [9, 2]], { maxRecord: 4 }),
  c('too long, over several lines', '"\n\n",aaaa\nb\n', [[0, 1, LONG], [10, 4]], { maxRecord: 6 }),
  c('a field that closes at the limit', '"aa"\nb\n', [[0, 1], [5, 2]], { maxRecord: 4 }),
  c('a field that closes beyond it', '"\naaa"\nb\n', [[0, 1, OPEN], [2, 2, STRAY], [7, 3]], { maxRecord: 4 }),
  c('a doubled quote across the limit', '"\na""\nb"\nc\n', [[0, 1, OPEN], [2, 2, STRAY], [6, 3, STRAY], [9, 4]], { maxRecord: 4 }),
  c('open beyond the limit', '"a\nb\nc\nd\ne\n', [[0, 1, OPEN], [3, 2], [5, 3], [7, 4], [9, 5]], { maxRecord: 4 }),
  c('open beyond the limit, on a line beyond the limit', '"aaaaaaaa\nb\n', [[0, 1, LONG], [10, 2]], { maxRecord: 4 }),
  c('never closed, on a line beyond the limit', '"a,"b"c"d\ne\n', [[0, 1, LONG], [10, 2]], { maxRecord: 6 }),
  c('quotes up to the limit and on, behind one never closed', '"\n""""""""\nb\n', [[0, 1, OPEN], [2, 2, LONG], [11, 3]], { maxRecord: 4 }),
  c('open at the limit, after a field that closes', 'b\n"\na","\nc\n', [[0, 1], [2, 2, OPEN], [9, 4]], { maxRecord: 6 }),
  c('… with CR', 'b\r"\ra","\rc\r', [[0, 1], [2, 2, OPEN], [9, 4]], { maxRecord: 6 }),

  c('never meant: the lines before an unescaped quote are sound records', '1,"G\n2,p\n3,5" p 6"\n4,o\n', [[0, 1, OPEN], [5, 2], [9, 3, STRAY], [19, 4]], two),
  c('… one of them with an empty field in quotes, doubled quotes in one', '1,"G\n"",p\n3,""""\n4,5" p"\n', [[0, 1, OPEN], [5, 2], [10, 3], [17, 4, STRAY]], two),
  c('… one of them with surplus fields that are empty', '1,"G\n2,p,,\n3,5" p"\n', [[0, 1, OPEN], [5, 2], [11, 3, STRAY]], two),
  c('… or blank', '1,"G\n\n,,\n2,p\n\n3,5" p"\n', [[0, 1, OPEN], [9, 4], [14, 6, STRAY]], { ...two, irregular }),
  c('… CRLF', '1,"G\r\n2,p\r\n3,5" p"\r\n4,o\r\n', [[0, 1, OPEN], [6, 2], [11, 3, STRAY], [20, 4]], two),
  c('… CR', '1,"G\r2,p\r3,5" p"\r4,o\r', [[0, 1, OPEN], [5, 2], [9, 3, STRAY], [17, 4]], two),
  c('… the line of the quote alone has as many fields', '1,"G\n3,5" p"\n4,o\n', [[0, 1, OPEN], [5, 2, STRAY], [13, 3]], two),
  c('… behind a blank line', '1,"G\n\n3,5" p"\n4,o\n', [[0, 1, OPEN], [6, 3, STRAY], [14, 4]], { ...two, irregular }),
  c('… at the end of the source', '1,"G\n3,5" p"', [[0, 1, OPEN], [5, 2, STRAY]], two),
  c('… the field opens in a record of several lines', '"1\n","G\n2,p\n3,5" p"\n', [[0, 1, OPEN], [8, 3], [12, 4, STRAY]], two),
  c('… behind a stray quote', '1",2,"G\n2,p,q\n3,5" p",q\n', [[0, 1, STRAY], [8, 2], [14, 3, STRAY]], { columns: 3 }),
  c('… again and again', '1,"G\n2,p\n3,5" p\n4,"H\n5,5" p"\n', [[0, 1, OPEN], [5, 2], [9, 3, STRAY], [16, 4, OPEN], [21, 5, STRAY]], two),
  c('… in one column', '"G\n5" p"\no\n', [[0, 1, OPEN], [3, 2, STRAY], [9, 3]], { columns: 1 }),
  c('meant: too few fields in a line', '1,"G\n2\n3,5" p"\n4,o\n', [[0, 1, UNESCAPED], [15, 4]], two),
  c('… too many', '1,"G\n2,3,4\n3,5" p"\n4,o\n', [[0, 1, UNESCAPED], [19, 4]], two),
  c('… a quote that is not sound in a line', '1,"G\n2,p\n2,p""p\n3,5" p"\n4,o\n', [[0, 1, UNESCAPED], [24, 5]], two),
  c('… the line of the quote alone has not as many fields', '1,"G\n5" p"\n4,o\n', [[0, 1, UNESCAPED], [11, 3]], two),
  c('… or a quote that is more than stray', '1,"G\n3,5" p,""6"\n4,o\n', [[0, 1, UNESCAPED], [17, 3]], { columns: 3 }),
  c('… the first unescaped quote stands on the line itself', '1,"G" H\n2,p\n3,5" p"\n4,o\n', [[0, 1, UNESCAPED], [20, 4]], two),
  c('… only the first one counts', '1,"G\n2 5" p\n3,p\n4,5" p"\n5,o\n', [[0, 1, UNESCAPED], [24, 5]], two),
  c('… nobody knows how many fields there should be', '1,"G\n2,p\n3,5" p"\n4,o\n', [[0, 1, UNESCAPED], [17, 4]]),
  c('… the record is too long with the line of the quote, and that is too', '1,"G\n3,5"p",qqqqqqqqq\n', [[0, 1, LONG]], { columns: 3, maxRecord: 12 }),
  c('never meant, on a line that goes on behind the limit', '1,"\n2,5"pp\n', [[0, 1, OPEN], [4, 2, STRAY]], { ...two, maxRecord: 8 }),
]

interface Passed {
  readonly start: number
  readonly line: number
  readonly fault: Fault | undefined
  /** Without its line end. */
  readonly text: string
  readonly lineEnd: string
}

/** The rule as its text says it: byte by byte, with the whole source at hand. Blank lines are among what it passes. */
function naive(source: string, maxRecord: number, columns?: number): Passed[] {
  const passed: Passed[] = []
  let line = 1
  for (let at = 0; at < source.length; ) {
    const { end, fault } = judge(source, at, at + maxRecord, columns && { columns, maxRecord })
    const lineEnd = /^(\r\n|\r|\n|)/.exec(source.slice(end))?.[0] ?? ''
    const text = source.slice(at, end)
    passed.push({ start: at, line, fault: text.length > maxRecord ? LONG : fault, text, lineEnd })
    line += countLines(text + lineEnd)
    at = end + lineEnd.length
  }
  return passed
}

function countLines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}

const BLANK = /^,*$/
const SOUND = '(?:"(?:[^"]|"")*"|[^",]*)'
const STRAYS_ARE_TEXT = '(?:"(?:[^"]|"")*"|[^",][^,]*|)'

/** Whether a line is a record of so many fields, and empty ones behind them. */
function isRecord(line: string, columns: number, field: string): boolean {
  return !BLANK.test(line) && new RegExp(`^${field}(?:,${field}){${columns - 1}},*$`).test(line)
}

/** Rule 6, where no quoted field can go on behind a line: all quotes in the lines but the last are doubled. */
function wasMeant(lines: string[], { columns, maxRecord }: { columns: number; maxRecord: number }): boolean {
  const between = lines.slice(1, -1).filter((line) => !BLANK.test(line))
  const last = lines.at(-1) as string
  if (lines.length === 1 || between.some((line) => !isRecord(line, columns, SOUND))) return true
  return between.length === 0 && (last.length > maxRecord || !isRecord(last, columns, STRAYS_ARE_TEXT))
}

function judge(
  source: string,
  from: number,
  limit: number,
  expected: { columns: number; maxRecord: number } | 0 | undefined,
): { end: number; fault?: Fault } {
  const endOfLine = (at: number) => at + source.slice(at).search(/\r|\n|$/)
  const endsField = (c: string | undefined) => c === ',' || c === '\r' || c === '\n'
  const bad: { at: number; fault: Fault }[] = []
  const until = (end: number) => bad.filter(({ at }) => at < end)[0]?.fault
  const verdict = (end: number, fault = until(end)) => (fault ? { end, fault } : { end })

  let isFieldStart = true
  for (let at = from; ; ) {
    const c = source[at]
    if (c === undefined || c === '\r' || c === '\n') return verdict(at)
    if (at >= limit) return { end: endOfLine(at), fault: LONG }
    if (c === '"' && isFieldStart) {
      const closed = closingQuote(at)
      if (closed === undefined) return verdict(endOfLine(at), until(endOfLine(at)) ?? OPEN)
      at = closed
    } else if (c === '"') bad.push({ at, fault: STRAY })
    isFieldStart = c === ','
    at += 1
  }

  function closingQuote(open: number): number | undefined {
    let isFirst = true
    for (let at = open + 1; at < source.length && at < limit; at += 1) {
      if (source[at] !== '"') continue
      const [before, after] = [source[at - 1], source[at + 1]]
      if (after === '"') at += 1
      else if (after === undefined || endsField(after)) return at
      else if (endsField(before)) return undefined
      else {
        const lines = source.slice(open, endOfLine(at)).split(/\r\n|\r|\n/)
        if (isFirst && expected && !wasMeant(lines, expected)) return undefined
        isFirst = false
        bad.push({ at, fault: UNESCAPED })
      }
    }
    return undefined
  }
}

/** What a scan that passes these records and blank lines must say. */
function summary(passed: readonly Passed[]): Omit<Scanned, 'state'> {
  const bit: Record<string, number> = { '': 0, '\n': 1, '\r': 2, '\r\n': 4 }
  const recordEnds = passed.reduce((bits, { lineEnd }) => bits | (bit[lineEnd] as number), 0)
  return {
    records: passed.filter(({ text, fault }) => fault || !BLANK.test(text)).length,
    fault: passed.find(({ fault }) => fault)?.fault,
    recordEnds,
    irregular:
      isMixed(recordEnds) || passed.some(({ text, fault }) => !fault && (BLANK.test(text) || text === '\\.')),
  }
}

/** How a caller goes through a source; each call's window and stop may differ. */
interface Habits {
  /** How many bytes it hands in, and how many more each time the scan does not get on. */
  readonly window: () => number
  /** How far from a scan's start it wants to stop. */
  readonly stop: () => number
  /** Whether it knows the end when it hands in the last byte, or, as with a pipe, only after that. */
  readonly knowsEnd?: boolean
}
interface Call {
  readonly from: ScanState
  readonly stopAt: number
  readonly scanned: Scanned
}

const byRecord: Habits = { window: () => unlimited, stop: () => 1 }

function* calls(
  source: string,
  maxRecord: number,
  { window, stop, knowsEnd = true }: Habits,
  columns?: number,
): Generator<Call> {
  const text = Buffer.from(source, 'latin1')
  let from = start
  let length = window()
  let endSeen = false
  while (from.offset < text.length || from.skipping) {
    const end = Math.min(from.offset + length, text.length)
    const final = end === text.length && (knowsEnd || endSeen)
    endSeen ||= end === text.length
    const stopAt = from.offset + stop()
    const scanned = scan(unaligned(text.subarray(from.offset, end)), from, {
      dialect,
      stopAt,
      final,
      maxRecord,
      columns,
    })
    if (scanned.state !== from) {
      yield { from, stopAt, scanned }
      from = scanned.state
      length = window()
    } else if (final) throw new Error(`stuck at ${from.offset}`)
    else if (end - from.offset >= (columns ? 2 : 1) * maxRecord + 2)
      throw new Error(`${end - from.offset} bytes do not get it on`)
    else length += Math.max(1, window())
  }
}

/** A copy that starts anywhere within a word, between bytes that would matter. */
function unaligned(bytes: Uint8Array): Uint8Array {
  const gap = 1 + (bytes.length % 4)
  const room = new Uint8Array(bytes.length + 8).fill(dialect.quote)
  room.set(bytes, gap)
  return room.subarray(gap, gap + bytes.length)
}

/** Goes through the source and says where that differs from the naive reading. */
function difference(source: string, maxRecord: number, habits: Habits, columns?: number): unknown {
  const expected = naive(source, maxRecord, columns)
  let done = 0
  for (const { from, stopAt, scanned } of calls(source, maxRecord, habits, columns)) {
    const { state, ...said } = scanned
    const { offset, line, skipping } = state
    const first = done
    while (done < expected.length && offset > (expected[done] as Passed).start) {
      const { start, text, lineEnd } = expected[done] as Passed
      if (skipping?.offset === start || offset < start + text.length + lineEnd.length) break
      done += 1
    }
    const passed = expected.slice(first, done)
    const next = expected[done] ?? { start: source.length, line: 1 + countLines(source) }
    const wanted = skipping
      ? {
          offset,
          line: 1 + countLines(source.slice(0, offset)),
          skipping: { offset: next.start, line: next.line },
        }
      : { offset: next.start, line: next.line }
    const isLate = passed.slice(0, -1).some((p) => p.start + p.text.length + p.lineEnd.length >= stopAt)
    const got = JSON.stringify([said, { offset, line, ...(skipping && { skipping }) }])
    const want = JSON.stringify([{ ...said, ...summary(passed) }, wanted])
    if (got !== want || isLate) return { from, stopAt, isLate, got, want }
  }
  return done === expected.length ? undefined : { never: expected.slice(done) }
}

t.test('each case, record by record', async (t) => {
  for (const { name, source, records, irregular, maxRecord, columns } of cases) {
    const found: Expectation[] = []
    for (const { from, scanned } of calls(source, maxRecord, byRecord, columns)) {
      if (scanned.records > 0) found.push(expectation(from.offset, from.line, scanned.fault))
    }
    t.strictSame(found, records, name)

    const options = { dialect, stopAt: unlimited, final: true, maxRecord, columns }
    const atOnce = scan(Buffer.from(source, 'latin1'), start, options)
    t.equal(atOnce.irregular, irregular, `${name}: irregular`)
    t.equal(atOnce.records, records.length, `${name}: records`)
    t.equal(atOnce.fault, records.find(([, , fault]) => fault)?.[2], `${name}: first fault`)
  }
})

t.test('the naive reading agrees with each case', async (t) => {
  for (const { name, source, records, maxRecord, columns } of cases) {
    const read = naive(source, maxRecord, columns).filter(({ text }) => !BLANK.test(text))
    t.strictSame(
      read.map(({ start, line, fault }) => expectation(start, line, fault)),
      records,
      name,
    )
  }
})

t.test('each case, split anywhere and stopped anywhere', async (t) => {
  for (const { name, source, maxRecord, columns } of cases) {
    for (let n = 1; n <= source.length; n += 1) {
      for (const stop of [1, n, unlimited]) {
        for (const knowsEnd of [true, false]) {
          const habits = { window: () => n, stop: () => stop, knowsEnd }
          const found = difference(source, maxRecord, habits, columns)
          if (found) t.fail(`${name}: windows of ${n}, stops after ${stop}`, { found, knowsEnd })
        }
      }
    }
  }
})

t.test('an unfinished record gives the state back as it was', async (t) => {
  const from = { offset: 7, line: 3 }
  for (const bytes of ['', 'a', 'a\r', '"a"', '"a\n', '"a\n"', '"a,"b']) {
    const { state, ...said } = scan(Buffer.from(bytes), from, {
      dialect,
      stopAt: 8,
      final: false,
      maxRecord: 64,
    })
    t.equal(state, from, JSON.stringify(bytes))
    t.strictSame(said, summary([]), JSON.stringify(bytes))
  }
})

t.test('a scan does not move when it stands where it shall stop', async (t) => {
  const from = { offset: 7, line: 3 }
  t.equal(scan(Buffer.from('a\nb\n'), from, { dialect, stopAt: 7, final: true, maxRecord: 64 }).state, from)
  t.equal(scan(Buffer.from('a\nb\n'), from, { dialect, stopAt: -1, final: true, maxRecord: 64 }).state, from)
})

t.test('offsets and lines beyond 32 bits', async (t) => {
  const from = { offset: 2 ** 40 + 1, line: 2 ** 33 }
  const source = Buffer.from('a\n"b\nc"\ndddddddddddd\nx')
  const options = { dialect, stopAt: from.offset + 5, final: false, maxRecord: 8 }
  const { state } = scan(source, from, options)
  t.strictSame(state, { offset: from.offset + 8, line: from.line + 3 })
  const far = { ...options, stopAt: unlimited * 2, final: true }
  t.strictSame(scan(source, from, far).state, { offset: from.offset + 22, line: from.line + 4 })
  t.strictSame(scan(source.subarray(0, 19), from, { ...far, final: false }).state, {
    offset: from.offset + 19,
    line: from.line + 3,
    skipping: { offset: from.offset + 8, line: from.line + 3 },
  })
})

t.test('another dialect', async (t) => {
  const bytes = Buffer.from("'a;\n''b'\n'c\n;'d'\ne\"\n")
  const tick = { delimiter: 0x3b, quote: 0x27, escape: 0x27, trim: false }
  const scanned = scan(bytes, start, { dialect: tick, stopAt: unlimited, final: true, maxRecord: 64 })
  t.match(scanned, { records: 4, fault: OPEN, state: { offset: bytes.length, line: 6 } })
})

// --- Fuzzing ---

type Random = (n: number) => number

/** Whole numbers below n, the same for the same seed (mulberry32 of Tommy Ettinger). */
function random(seed: number): Random {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n
  }
}

const given = process.env.SEED
const firstSeed = Number(given ?? 1)

/** Plays a round per seed, until one of them finds something. */
function fuzz(name: string, many: number, round: (random: Random) => unknown): void {
  const rounds = given ? 1 : many
  t.test(name, async (t) => {
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
      const found = round(random(seed))
      if (found) return t.fail(`SEED=${seed}`, { found })
    }
    t.pass(`${rounds} rounds from SEED=${firstSeed}`)
  })
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)] as T
}

function text(random: Random, alphabet: readonly string[], longest: number): string {
  return Array.from({ length: random(longest + 1) }, () => pick(random, alphabet)).join('')
}

function habitsOf(random: Random): Habits {
  const [window, stop] = [pick(random, [1, 2, 5, 12, 40, 200]), pick(random, [1, 1, 2, 10, 100])]
  return { window: () => 1 + random(window), stop: () => 1 + random(stop), knowsEnd: random(2) === 0 }
}

const lineEnds = ['\n', '\r\n', '\r']

function field(random: Random): string {
  if (random(2) === 0) return text(random, ['a', 'b', ' ', '\\', '.', '\t', '\xff'], 12)
  return `"${text(random, ['a', ' ', ',', '""', '\n', '\r\n', '\r', '\\.'], 12)}"`
}

fuzz('a well-formed source is cut where its records begin, and nowhere else', 400, (random) => {
  const begins = new Set([0])
  const ends = random(2) === 0 ? lineEnds : [pick(random, lineEnds)]
  let source = ''
  let records = 0
  for (let left = random(12); left > 0; left -= 1) {
    const record = random(8) === 0 ? '' : Array.from({ length: 1 + random(4) }, () => field(random)).join(',')
    if (!BLANK.test(record)) records += 1
    // A CR and a blank line that ends in LF would be one CRLF.
    const end = record === '' && source.endsWith('\r') ? '\r' : pick(random, ends)
    source += record + (left === 1 && random(2) === 0 ? '' : end)
    begins.add(source.length)
  }
  let found = 0
  let end = 0
  for (const { from, scanned } of calls(source, unlimited, habitsOf(random))) {
    const { state, fault } = scanned
    if (from.offset !== end || !begins.has(state.offset) || fault) return { source, from, scanned }
    if (state.line !== 1 + countLines(source.slice(0, state.offset))) return { source, state }
    end = state.offset
    found += scanned.records
  }
  return end === source.length && found === records ? undefined : { source, end, found, records }
})

const alphabets = ['",\r\na\\.', '",\r\na', '"""",\na', '""\n\ra', '",\n'].map((set) => [...set])

/** Records of two fields, most of them with a misplaced quote. */
const LINES = ['a,b', 'a,"b', 'a,5" b"', 'a,b" "c', 'a,"b"c', 'a,""b', '"",b', 'a,b,,', 'a', ',', '', '"a,b"']

function garbage(random: Random): string {
  if (random(2) === 0) return text(random, pick(random, alphabets), 40)
  const end = pick(random, lineEnds)
  return Array.from({ length: 1 + random(7) }, () => pick(random, LINES) + end).join('')
}

fuzz('all ways through garbage agree with the naive reading', 2000, (random) => {
  const source = garbage(random)
  const maxRecord = random(2) === 0 ? unlimited : 1 + random(16)
  const columns = random(4) || undefined
  for (const habits of [
    byRecord,
    { ...byRecord, stop: () => unlimited },
    habitsOf(random),
    habitsOf(random),
  ]) {
    const found = difference(source, maxRecord, habits, columns)
    if (found) return { source, maxRecord, columns, found }
  }
  return undefined
})

fuzz('a piece between two record starts, alone, says what it says in its place', 1000, (random) => {
  const source = garbage(random)
  const maxRecord = random(2) === 0 ? unlimited : 1 + random(16)
  const columns = random(4) || undefined
  const passed = naive(source, maxRecord, columns)
  const first = random(passed.length + 1)
  const piece = passed.slice(first, first + random(passed.length - first + 1))
  const from = { offset: piece[0]?.start ?? 0, line: piece[0]?.line ?? 1 }
  const bytes = Buffer.from(piece.map(({ text, lineEnd }) => text + lineEnd).join(''), 'latin1')
  const { state, ...said } = scan(bytes, from, {
    dialect,
    stopAt: unlimited,
    final: true,
    maxRecord,
    columns,
  })
  const isWhole = state.offset === from.offset + bytes.length && !state.skipping
  const agrees = JSON.stringify(said) === JSON.stringify({ ...said, ...summary(piece) })
  return isWhole && agrees ? undefined : { source, maxRecord, columns, piece, state, said }
})
