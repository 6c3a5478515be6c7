import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { DasyError } from '../base/errors.js'
import { fold } from '../base/fold.js'
import { type Dialect, hasOwnEscape } from './dialect.js'
import { splitLeniently, textOf } from './lenient.js'
import { withoutLineEnd } from './line-end.js'

const UTF8_BOM = [0xef, 0xbb, 0xbf]

/** The length of the byte order mark of UTF-8: 3 bytes, or 0 without one. */
export function bomLength(bytes: Uint8Array): number {
  return UTF8_BOM.every((byte, index) => bytes[index] === byte) ? UTF8_BOM.length : 0
}

const OTHER_ENCODING = 'Name the encoding of the file, for example --encoding LATIN1.'

/** PostgreSQL's limit for a name. */
const MAX_NAME_BYTES = 63

/** What the user decides about columns. A column is given by its name, or by its number from 1. */
export interface ColumnOptions {
  readonly map: Readonly<Record<string, string>>
  readonly ignore: readonly string[]
}

const NOTHING: ColumnOptions = { map: {}, ignore: [] }

/**
 * The column names of a header record, trimmed but otherwise unchanged. All are different: a column without a name, or with
 * the name of another one, is named by its number if `options` decide about it.
 * @param record the header in UTF-8, with or without its line end, without a fault
 * @param file for errors
 * @throws DasyError BAD_HEADER
 */
export function parseHeader(
  record: Uint8Array,
  dialect: Dialect,
  file: string,
  options: ColumnOptions = NOTHING,
): string[] {
  const names = fieldsOf(record, dialect, file).map((name) => name.trim())
  const unusable = names.map((name, index) => isDecided(name, index, options))
  names.forEach((name, index) => {
    const place = index + 1
    const where = `column ${place} of the header of ${file}`
    if (name.includes('\0')) throw badHeader(file, `${where} holds a NUL byte`, OTHER_ENCODING)
    if (unusable[index]) return
    if (name === '') throw badHeader(file, `${where} has no name`, remediesFor(place))
    const length = Buffer.byteLength(name)
    if (length > MAX_NAME_BYTES) {
      throw badHeader(
        file,
        `the name of ${where} has ${length} bytes, "${name.slice(0, 40)}…"; PostgreSQL allows ${MAX_NAME_BYTES}`,
        remediesFor(place),
      )
    }
    const other = names.findIndex((each, at) => each === name && at < index && !unusable[at])
    if (other >= 0) {
      throw badHeader(
        file,
        `the header of ${file} names the column "${name}" twice (columns ${other + 1} and ${place})`,
        remediesFor(place),
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

/** Whether --map or --ignore decide about a column by its number, or by a name that is repeated or too long. */
function isDecided(name: string, index: number, { map, ignore }: ColumnOptions): boolean {
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

/** The name of a column that has none, or not one of its own. */
function numbered(name: string, place: number): string {
  return name === '' ? `column ${place}` : `${name} (column ${place})`
}

/** Whether `numbered` gave a column its name, because another column has the name too. */
export function isNumbered(column: string, name: string): boolean {
  return fold(column).startsWith(`${fold(name)}(column`)
}

function remediesFor(place: number): string {
  return (
    `Rename it by its number with --map ${place}=NAME, leave it out with --ignore ${place}, ` +
    'skip lines before the header with --skip-lines N, or name all columns: --skip-lines 1 --no-header --columns NAME,…'
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

/** csv-parse drops an escape before other characters, and trims more than blanks. */
function readOther(bytes: Buffer, dialect: Dialect): Field[] | undefined {
  return splitLeniently(bytes, dialect)?.map((field) => ({
    text: textOf(field, dialect).toString(),
    quoted: field.quoted,
  }))
}

/** Without surplus fields: those after the last name are no columns. */
function withoutNameless(fields: readonly Field[]): readonly Field[] {
  const isNamed = ({ text, quoted }: Field) => quoted || text.trim() !== ''
  return fields.slice(0, Math.max(1, fields.findLastIndex(isNamed) + 1))
}

const CORRECT =
  'Correct the first line of the file, skip lines before the header with --skip-lines N, or name all columns: --skip-lines 1 --no-header --columns NAME,…'

function badHeader(file: string, message: string, hint = CORRECT): DasyError {
  return new DasyError('BAD_HEADER', message, {
    hint,
    details: { file, line: 1 },
  })
}
