import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { DasyError } from '../errors.js'
import type { Dialect } from './scan.js'

const UTF8_BOM = [0xef, 0xbb, 0xbf]

/** How many bytes of byte order mark stand at the start: 3 or 0. */
export function bomLength(bytes: Uint8Array): number {
  return UTF8_BOM.every((byte, index) => bytes[index] === byte) ? UTF8_BOM.length : 0
}

const OTHER_ENCODING =
  'Name the encoding of the file, --encoding LATIN1 for example; UTF-16 must be converted: iconv -f UTF-16 -t UTF-8'

/** PostgreSQL's limit for a name. */
const MAX_NAME_BYTES = 63

/**
 * The column names of a header record: trimmed, else as they stand.
 * @param record the header in UTF-8, with or without its line end
 * @throws DasyError BAD_HEADER
 */
export function parseHeader(record: Uint8Array, dialect: Dialect, file: string): string[] {
  const names = fieldsOf(record, dialect, file).map((name) => name.trim())
  names.forEach((name, index) => {
    const where = `column ${index + 1} of the header of ${file}`
    if (name === '') throw badHeader(file, `${where} has no name`)
    if (name.includes('\0')) throw badHeader(file, `${where} holds a NUL byte`)
    const length = Buffer.byteLength(name)
    if (length > MAX_NAME_BYTES) {
      throw badHeader(
        file,
        `${where} is named by ${length} bytes, "${name.slice(0, 40)}…"; at most ${MAX_NAME_BYTES} are possible`,
      )
    }
    if (names.indexOf(name) < index) {
      throw badHeader(
        file,
        `the header of ${file} names the column "${name}" twice (columns ${names.indexOf(name) + 1} and ${index + 1})`,
      )
    }
  })
  return names
}

function fieldsOf(record: Uint8Array, dialect: Dialect, file: string): string[] {
  if (!isUtf8(record)) throw badHeader(file, `the header of ${file} is not valid UTF-8`, OTHER_ENCODING)
  try {
    const [fields = []] = parse(Buffer.from(record), {
      delimiter: String.fromCharCode(dialect.delimiter),
      quote: String.fromCharCode(dialect.quote),
      escape: String.fromCharCode(dialect.escape),
      trim: dialect.trim,
      to: 1,
    }) as string[][]
    return fields
  } catch (error) {
    throw badHeader(file, `the header of ${file} is not CSV: ${(error as Error).message}`)
  }
}

function badHeader(file: string, message: string, hint = 'Mend the first line of the file.'): DasyError {
  return new DasyError('BAD_HEADER', message, {
    hint,
    details: { file, line: 1 },
  })
}
