import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { DasyError } from '../base/errors.js'
import { fold } from '../base/fold.js'
import { type Dialect, hasOwnEscape } from './dialect.js'
import { splitLeniently, textOf } from './lenient.js'
import { withoutLineEnd } from './line-end.js'

const UTF8_BOM = [0xef, 0xbb, 0xbf]

/** How many bytes of byte order mark stand at the start: 3 or 0. */
export function bomLength(bytes: Uint8Array): number {
  return UTF8_BOM.every((byte, index) => bytes[index] === byte) ? UTF8_BOM.length : 0
}

const OTHER_ENCODING = 'Name the encoding of the file, for example --encoding LATIN1.'

/** PostgreSQL's limit for a name. */
const MAX_NAME_BYTES = 63

/** What the user says of columns; a column is named, or by its place from 1. */
export interface ColumnOptions {
  readonly map: Readonly<Record<string, string>>
  readonly ignore: readonly string[]
}

const NOTHING: ColumnOptions = { map: {}, ignore: [] }

/**
 * The column names of a header record: trimmed, else as they stand. Each is different: a column without a name, and one
 * whose name another one has, gets the name of its place if `options` deal with it.
 * @param record the header in UTF-8, with or without its line end; the scan found no fault in it
 * @throws DasyError BAD_HEADER
 */
export function parseHeader(
  record: Uint8Array,
  dialect: Dialect,
  file: string,
  options: ColumnOptions = NOTHING,
): string[] {
  const names = fieldsOf(record, dialect, file).map((name) => name.trim())
  const unusable = names.map((name, index) => isDealtWith(name, index, options))
  names.forEach((name, index) => {
    const place = index + 1
    const where = `column ${place} of the header of ${file}`
    if (name.includes('\0')) throw badHeader(file, `${where} holds a NUL byte`, OTHER_ENCODING)
    if (unusable[index]) return
    if (name === '') throw badHeader(file, `${where} has no name`, waysOut(place))
    const length = Buffer.byteLength(name)
    if (length > MAX_NAME_BYTES) {
      throw badHeader(
        file,
        `${where} is named by ${length} bytes, "${name.slice(0, 40)}…"; at most ${MAX_NAME_BYTES} are possible`,
        waysOut(place),
      )
    }
    const other = names.findIndex((each, at) => each === name && at < index && !unusable[at])
    if (other >= 0) {
      throw badHeader(
        file,
        `the header of ${file} names the column "${name}" twice (columns ${other + 1} and ${place})`,
        waysOut(place),
      )
    }
  })
  return names.map((name, index) => {
    const isOnly = name !== '' && names.every((each, at) => each !== name || at === index || unusable[at])
    return isOnly && !(unusable[index] && names.indexOf(name) !== names.lastIndexOf(name))
      ? name
      : numbered(name, index + 1)
  })
}

/** Whether --map or --ignore say what becomes of a column, whatever its name; a repeated name is only left out by it. */
function isDealtWith(name: string, index: number, { map, ignore }: ColumnOptions): boolean {
  const place = String(index + 1)
  return (
    [...Object.keys(map), ...ignore].includes(place) || (name !== '' && ignore.some(isName)) || isLongName()
  )

  function isName(each: string): boolean {
    return fold(each) === fold(name)
  }

  function isLongName(): boolean {
    return Buffer.byteLength(name) > MAX_NAME_BYTES && Object.keys(map).some(isName)
  }
}

/** The name of a column that has none of its own. */
function numbered(name: string, place: number): string {
  return name === '' ? `column ${place}` : `${name} (column ${place})`
}

/** Whether a column got its name because another one is called like that. */
export function isNumbered(column: string, name: string): boolean {
  return fold(column).startsWith(`${fold(name)}(column`)
}

function waysOut(place: number): string {
  return (
    `Rename it by its place with --map ${place}=NAME, leave it out with --ignore ${place}, ` +
    'pass over lines in front of the header with --skip-lines N, or name all columns: --skip-lines 1 --no-header --columns NAME,…'
  )
}

interface Field {
  readonly text: string
  readonly quoted: boolean
}

function fieldsOf(record: Uint8Array, dialect: Dialect, file: string): string[] {
  if (!isUtf8(record)) throw badHeader(file, `the header of ${file} is not valid UTF-8`, OTHER_ENCODING)
  const bytes = withoutLineEnd(Buffer.from(record))
  const isUsual = !hasOwnEscape(dialect) && !dialect.trim
  const fields = isUsual ? readUsual(bytes, dialect) : readOther(bytes, dialect)
  if (!fields) throw badHeader(file, `the header of ${file} is not CSV: quote never closed`)
  return withoutNameless(fields).map(({ text }) => text)
}

function readUsual(bytes: Buffer, { delimiter, quote }: Dialect): Field[] | undefined {
  const fields: Field[] = []
  const [d, q] = [delimiter, quote].map((byte) => String.fromCharCode(byte)) as [string, string]
  try {
    parse(bytes, {
      ...{ delimiter: d, quote: q, escape: q },
      cast: (text, { quoting }) => fields.push({ text, quoted: quoting }),
    })
  } catch {
    return undefined
  }
  return fields
}

/** csv-parse drops an escape that stands before other text, and takes more than COPY does for a blank. */
function readOther(bytes: Buffer, dialect: Dialect): Field[] | undefined {
  return splitLeniently(bytes, dialect)?.map((field) => ({
    text: textOf(field, dialect).toString(),
    quoted: field.quoted,
  }))
}

/** Without the surplus at its end: what stands behind the last name is no column. */
function withoutNameless(fields: readonly Field[]): readonly Field[] {
  const isNamed = ({ text, quoted }: Field) => quoted || text.trim() !== ''
  return fields.slice(0, Math.max(1, fields.findLastIndex(isNamed) + 1))
}

const MEND =
  'Mend the first line of the file, pass over lines in front of the header with --skip-lines N, or name all columns: --skip-lines 1 --no-header --columns NAME,…'

function badHeader(file: string, message: string, hint = MEND): DasyError {
  return new DasyError('BAD_HEADER', message, {
    hint,
    details: { file, line: 1 },
  })
}
