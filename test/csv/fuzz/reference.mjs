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
 * @property {boolean[]} quoted of each field
 * @property {string | undefined} fault the first misplaced quote
 * @property {string[]} faults all of them
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
    const reason = fault ?? badBytes(record) ?? badCount(fields, columns.length) ?? badKey(fields[at])
    if (reason) verdict.rejects.push({ byte, line, reason, record: record.toString('hex') })
    else {
      const values = fields.slice(0, columns.length).map((field) => field?.toString() ?? null)
      verdict.good.push({ byte, values, key: /** @type {string} */ (values[at]) })
    }
  }
  return { ...verdict, columns }
}

/**
 * @param {Buffer} bytes
 * @param {Dialect} [dialect]
 * @param {number} [columns] as many as the first record has, which is the header, where it is not given
 * @returns {FoundRecord[]} the header included; blank lines and records of empty fields are none
 */
export function recordsOf(bytes, dialect = USUAL, columns) {
  const found = []
  let line = 1
  let at = bytes.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
  while (at < bytes.length) {
    const header = found[0]
    const record = readRecord(bytes, at, dialect, columns ?? (header && fieldsOfHeader(header)))
    if (!isBlankRecord(record)) found.push({ byte: at, line, ...record })
    const next = behindLineEnd(bytes, record.end)
    line += lineEnds(bytes.subarray(at, next))
    at = next
  }
  return found
}

/** Nameless columns at its end are none. @param {FoundRecord} header */
export function fieldsOfHeader({ fields, quoted }) {
  let columns = fields.length
  while (columns > 0 && !quoted[columns - 1] && !fields[columns - 1]?.toString().trim()) columns -= 1
  return columns
}

/** @param {Pick<FoundRecord, 'fields' | 'fault'>} record */
function isBlankRecord({ fields, fault }) {
  return fault === undefined && fields.every((field) => field === null)
}

/** Fields more than there are columns are none where they are empty. @param {(Buffer | null)[]} fields @param {number} columns */
export function hasAsMany(fields, columns) {
  return fields.length >= columns && fields.slice(columns).every((field) => field === null)
}

/** @param {Buffer} bytes @param {number} end of a record */
function behindLineEnd(bytes, end) {
  return bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1
}

/**
 * @param {Buffer} bytes
 * @param {number} start
 * @param {Dialect} dialect
 * @param {number | undefined} columns without them rule 6 does not apply
 * @returns {Omit<FoundRecord, 'byte' | 'line'>}
 */
function readRecord(bytes, start, dialect, columns) {
  const { quote, escape: mark, delimiter, trim } = dialect
  /** @type {(Buffer | null)[]} */
  const fields = []
  /** @type {boolean[]} */
  const quotedFields = []
  /** @type {{ at: number, fault: string }[]} */
  const faults = []
  let at = start
  for (;;) {
    if (trim) at = behindBlanks(at)
    const open = at
    const quoted = bytes[at] === quote
    const text = []
    if (quoted) {
      let unescaped = 0
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
        if (c === quote) {
          unescaped += 1
          if (unescaped === 1 && wasNeverMeant(open, at - 1)) return neverClosed(open)
          faults.push({ at, fault: 'unescaped quote' })
        }
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
    quotedFields.push(quoted)
    if (bytes[at] !== delimiter) return found(at, faults)
    at += 1
  }

  /** @param {number} end @param {{ fault: string }[]} wrong */
  function found(end, wrong) {
    return {
      end,
      fields,
      quoted: quotedFields,
      fault: wrong[0]?.fault,
      faults: wrong.map(({ fault }) => fault),
    }
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

  /** @param {number} from */
  function endOfLine(from) {
    let end = from
    while (end < bytes.length && !isLineEnd(bytes[end])) end += 1
    return end
  }

  /** Rule 6. @param {number} open on line L @param {number} first unescaped quote, on line M */
  function wasNeverMeant(open, first) {
    const startOfNext = behindLineEnd(bytes, endOfLine(open))
    if (columns === undefined || startOfNext > first) return false
    let startOfM = first
    while (!isLineEnd(bytes[startOfM - 1])) startOfM -= 1
    const lines = bytes.subarray(0, endOfLine(first))
    let sound = 0
    let next = startOfNext
    while (next < startOfM) {
      const record = readRecord(lines, next, dialect, undefined)
      next = behindLineEnd(lines, record.end)
      if (isBlankRecord(record)) continue
      if (record.fault !== undefined || !hasAsMany(record.fields, columns)) return false
      sound += 1
    }
    const endsBeforeM = next === startOfM
    if (!endsBeforeM || sound > 0) return endsBeforeM
    const m = readRecord(lines, startOfM, dialect, undefined)
    return m.faults.every((fault) => fault === 'stray quote') && hasAsMany(m.fields, columns)
  }

  /** The line on which the field opened goes, and what was thought of the lines behind it. @param {number} open */
  function neverClosed(open) {
    const end = endOfLine(open)
    const before = faults.filter((each) => each.at <= end)
    return found(end, [...before, { at: open, fault: 'quote never closed' }])
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
function columnsOf(header) {
  const { fields, fault } = header
  const names = fields.slice(0, fieldsOfHeader(header)).map((field) => (field ?? '').toString().trim())
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

/** @param {(Buffer | null)[]} fields @param {number} columns */
function badCount(fields, columns) {
  if (fields.length < columns) return `too few fields: ${fields.length} of ${columns}`
  return hasAsMany(fields, columns) ? undefined : `too many fields: ${fields.length} for ${columns} columns`
}

/** @param {Buffer | null | undefined} key */
function badKey(key) {
  if (!key?.length) return 'missing key'
  return key.length > LONGEST_KEY ? 'key too long' : undefined
}
