import { isUtf8 } from 'node:buffer'
import { DasyError } from '../errors.js'
import type { Dialect } from './dialect.js'
import { type RawField, splitLeniently, textOf } from './lenient.js'
import { withoutLineEnd } from './line-end.js'

const UTF8_BOM = [0xef, 0xbb, 0xbf]

/** How many bytes of byte order mark stand at the start: 3 or 0. */
export function bomLength(bytes: Uint8Array): number {
  return UTF8_BOM.every((byte, index) => bytes[index] === byte) ? UTF8_BOM.length : 0
}

const OTHER_ENCODING = 'Name the encoding of the file, for example --encoding LATIN1.'

/** PostgreSQL's limit for a name. */
const MAX_NAME_BYTES = 63

/**
 * The column names of a header record: trimmed, else as they stand.
 * @param record the header in UTF-8, with or without its line end; the scan found no fault in it
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
  const fields = splitLeniently(withoutLineEnd(Buffer.from(record)), dialect)
  if (!fields) throw badHeader(file, `the header of ${file} is not CSV: quote never closed`)
  return withoutNameless(fields, dialect).map((field) => textOf(field, dialect).toString())
}

/** Without the surplus at its end: what stands behind the last name is no column. */
function withoutNameless(fields: readonly RawField[], dialect: Dialect): readonly RawField[] {
  const isNamed = (field: RawField) => field.quoted || textOf(field, dialect).toString().trim() !== ''
  return fields.slice(0, Math.max(1, fields.findLastIndex(isNamed) + 1))
}

function badHeader(file: string, message: string, hint = 'Mend the first line of the file.'): DasyError {
  return new DasyError('BAD_HEADER', message, {
    hint,
    details: { file, line: 1 },
  })
}
