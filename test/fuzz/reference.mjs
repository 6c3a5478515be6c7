// What a load must do, written down a second time: the rule for records of docs/csv.md byte by byte, without any
// thought of speed, and without any code of dasy's.

const [SPACE, TAB, LF, CR] = [0x20, 0x09, 0x0a, 0x0d]
const LONGEST_NAME = 63
const LONGEST_KEY = 2600

/** @type {Dialect} */
export const USUAL = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

/**
 * @typedef {object} Dialect
 * @property {number} delimiter
 * @property {number} quote
 * @property {number} escape
 * @property {boolean} trim
 *
 * @typedef {object} FoundRecord
 * @property {number} byte of its first byte
 * @property {number} end behind its last byte, the line end not counted
 * @property {number} line physical, from 1
 * @property {(Buffer | null)[]} fields unquoted; null is an empty field without quotes
 * @property {string | undefined} fault the first misplaced quote
 *
 * @typedef {object} Reject
 * @property {number} byte
 * @property {number} line
 * @property {string} reason
 * @property {string} record its first 64 KiB as hexadecimal digits
 *
 * @typedef {object} Good
 * @property {number} byte
 * @property {(string | null)[]} values
 * @property {string} key
 *
 * @typedef {object} Verdict
 * @property {string | undefined} error code of the error that the header is
 * @property {string[]} columns
 * @property {Good[]} good in the order of the file
 * @property {Reject[]} rejects in the order of the file
 */

/**
 * @param {Buffer} bytes of a whole file
 * @param {string} key the name of the key's column
 * @returns {Verdict}
 */
export function verdictOn(bytes, key) {
  const [header, ...records] = recordsOf(bytes)
  /** @type {Verdict} */
  const verdict = { error: undefined, columns: [], good: [], rejects: [] }
  if (header === undefined) return { ...verdict, error: 'EMPTY_FILE' }
  const columns = columnsOf(header)
  if (columns === undefined) return { ...verdict, error: 'BAD_HEADER' }
  const keys = keyColumns(columns, key)
  const at = keys[0]
  if (at === undefined) return { ...verdict, error: 'KEY_COLUMN_MISSING' }
  if (keys.length > 1) return { ...verdict, error: 'COLUMN_AMBIGUOUS' }

  for (const { byte, end, line, fields, fault } of records) {
    const record = bytes.subarray(byte, end)
    const reason = fault ?? badBytes(record) ?? badCount(fields.length, columns.length) ?? badKey(fields[at])
    if (reason) verdict.rejects.push({ byte, line, reason, record: record.toString('hex') })
    else {
      const values = fields.map((field) => field?.toString() ?? null)
      verdict.good.push({ byte, values, key: /** @type {string} */ (values[at]) })
    }
  }
  return { ...verdict, columns }
}

/**
 * @param {Buffer} bytes
 * @param {Dialect} [dialect]
 * @returns {FoundRecord[]} the header included, blank lines not
 */
export function recordsOf(bytes, dialect = USUAL) {
  const found = []
  let line = 1
  let at = bytes.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
  while (at < bytes.length) {
    const { end, fields, fault } = readRecord(bytes, at, dialect)
    const blank = bytes.subarray(at, end).every((c) => dialect.trim && isBlank(c, dialect))
    if (!blank) found.push({ byte: at, end, line, fields, fault })
    const next = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1
    line += lineEnds(bytes.subarray(at, next))
    at = next
  }
  return found
}

/**
 * @param {Buffer} bytes
 * @param {number} start
 * @param {Dialect} dialect
 * @returns {Pick<FoundRecord, 'end' | 'fields' | 'fault'>}
 */
function readRecord(bytes, start, dialect) {
  const { quote, escape: mark, delimiter, trim } = dialect
  /** @type {(Buffer | null)[]} */
  const fields = []
  /** @type {{ at: number, fault: string }[]} */
  const faults = []
  let at = start
  for (;;) {
    if (trim) at = behindBlanks(at)
    const open = at
    const quoted = bytes[at] === quote
    const text = []
    if (quoted) {
      for (at += 1; ; ) {
        if (at >= bytes.length) return neverClosed(open)
        const [c, next] = [/** @type {number} */ (bytes[at]), bytes[at + 1]]
        at += 1
        if (c === mark && (next === quote || next === mark)) {
          text.push(next)
          at += 1
          continue
        }
        if (c === quote && endsField(bytes[trim ? behindBlanks(at) : at])) break
        if (c === quote && endsField(bytes[trim ? beforeBlanks(at - 2) : at - 2])) return neverClosed(open)
        if (c === quote) faults.push({ at, fault: 'unescaped quote' })
        text.push(c)
      }
      if (trim) at = behindBlanks(at)
    } else {
      for (; !endsField(bytes[at]); at += 1) {
        if (bytes[at] === quote) faults.push({ at, fault: 'stray quote' })
        text.push(/** @type {number} */ (bytes[at]))
      }
      while (trim && isBlank(text.at(-1), dialect)) text.pop()
    }
    fields.push(quoted || text.length > 0 ? Buffer.from(text) : null)
    if (bytes[at] !== delimiter) return { end: at, fields, fault: faults[0]?.fault }
    at += 1
  }

  /** @param {number | undefined} c undefined: the end of the file */
  function endsField(c) {
    return c === undefined || c === delimiter || isLineEnd(c)
  }

  /** @param {number} from */
  function behindBlanks(from) {
    let at = from
    while (isBlank(bytes[at], dialect)) at += 1
    return at
  }

  /** @param {number} from */
  function beforeBlanks(from) {
    let at = from
    while (isBlank(bytes[at], dialect)) at -= 1
    return at
  }

  /** The line on which the field opened goes, and what was thought of the lines behind it. @param {number} open */
  function neverClosed(open) {
    let end = open
    while (end < bytes.length && !isLineEnd(bytes[end])) end += 1
    const fault = faults.find((each) => each.at <= end)?.fault ?? 'quote never closed'
    return { end, fields, fault }
  }
}

/** @param {number | undefined} c */
function isLineEnd(c) {
  return c === LF || c === CR
}

/** @param {number | undefined} c @param {Dialect} dialect */
function isBlank(c, { delimiter, quote }) {
  return (c === SPACE || c === TAB) && c !== delimiter && c !== quote
}

/** How many lines end in these bytes. @param {Buffer} bytes */
export function lineEnds(bytes) {
  return bytes.toString('latin1').match(/\r\n|\r|\n/g)?.length ?? 0
}

/** @param {Buffer} bytes */
function isUtf8(bytes) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** @param {FoundRecord} header @returns {string[] | undefined} */
function columnsOf({ fields, fault }) {
  const names = fields.map((field) => (field ?? Buffer.alloc(0)).toString().trim())
  const bad =
    fault !== undefined ||
    fields.some((field) => field && !isUtf8(field)) ||
    names.some((name) => name === '' || name.includes('\0') || Buffer.byteLength(name) > LONGEST_NAME) ||
    new Set(names).size < names.length
  return bad ? undefined : names
}

/** @param {string[]} columns @param {string} key @returns {number[]} */
function keyColumns(columns, key) {
  if (columns.includes(key)) return [columns.indexOf(key)]
  const folded = columns.map((name) => name.toLowerCase().replaceAll(/[\s_]/g, ''))
  return folded.flatMap((name, index) => (name === key ? [index] : []))
}

/** @param {Buffer} record */
function badBytes(record) {
  if (record.includes(0)) return 'NUL byte'
  return isUtf8(record) ? undefined : 'invalid UTF-8'
}

/** @param {number} fields @param {number} columns */
function badCount(fields, columns) {
  if (fields < columns) return `too few fields: ${fields} of ${columns}`
  return fields > columns ? `too many fields: ${fields} for ${columns} columns` : undefined
}

/** @param {Buffer | null | undefined} key */
function badKey(key) {
  if (!key?.length) return 'missing key'
  return key.length > LONGEST_KEY ? 'key too long' : undefined
}
