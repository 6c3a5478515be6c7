import type { Dialect } from '../csv/scan.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { DasyError, EXIT } from '../errors.js'

/**
 * The encodings of files, which are PostgreSQL's to know and to convert.
 *
 * The scan looks for quotes, delimiters and line ends byte by byte. That is right in every encoding that PostgreSQL
 * converts where these are below 0x30, as comma and double quote are: in the encodings below a character's later bytes
 * may be ASCII ones from there on, and in all the others they are not below 0x80.
 */

const LATER_BYTES_ARE_ASCII = ['SJIS', 'SHIFT_JIS_2004', 'BIG5', 'GBK', 'UHC', 'JOHAB', 'GB18030']
const LEAST_LATER_BYTE = 0x30

/** What files are in unless something else is said. */
export const UTF8 = 'UTF8'

interface Found {
  readonly name: string
  readonly database: string
  readonly convertible: boolean
}

/**
 * @param asked as the user spells it
 * @param decodable whether somebody else could convert it
 * @returns as PostgreSQL spells it, or undefined where it has to be somebody else
 * @throws DasyError BAD_OPTION
 */
export async function findEncoding(
  session: Session,
  asked: string,
  decodable: boolean,
): Promise<string | undefined> {
  const found = await session.row<Found>(statement('catalog/find_encoding'), [asked])
  if (!found?.convertible && decodable) return undefined
  if (!found) {
    throw badEncoding(
      asked,
      'neither PostgreSQL nor iconv-lite knows it',
      `Convert the file first: iconv -f ${/^[\w.:-]+$/.test(asked) ? asked : 'ENCODING'} -t UTF-8`,
    )
  }
  const { name, database, convertible } = found
  if (name === 'SQL_ASCII') {
    throw badEncoding(
      asked,
      'it says nothing of what bytes from 128 on mean',
      'Name the encoding that the file is in, such as UTF8, LATIN1 or WIN1252.',
    )
  }
  if (!convertible) {
    throw badEncoding(
      asked,
      `PostgreSQL cannot convert ${name} to the database's encoding, ${database}`,
      'Convert the file first, with iconv for example.',
    )
  }
  return name
}

/**
 * A file's header, as PostgreSQL reads it.
 * @param marked whether the file begins with the byte order mark of UTF-8
 * @throws DasyError BAD_HEADER, BAD_OPTION
 */
export async function toUtf8(
  session: Session,
  header: Uint8Array,
  marked: boolean,
  encoding: string,
  file: string,
): Promise<Uint8Array> {
  if (encoding === UTF8) return header
  if (marked)
    throw badEncoding(encoding, `${file} begins with the byte order mark of UTF-8`, 'Leave the flag out.')
  try {
    const row = await session.row<{ text: string }>(statement('catalog/decode'), [header, encoding])
    const { text } = row as { text: string }
    // The byte order mark of an encoding such as GB18030.
    return Buffer.from(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!isBadText(error)) throw error
    throw new DasyError(
      'BAD_HEADER',
      `the header of ${file} is not in ${encoding}: ${(error as Error).message}`,
      {
        hint: 'See that --encoding is right.',
        details: { file, line: 1 },
        cause: error,
      },
    )
  }
}

/**
 * The NULL word in the file's encoding.
 * @throws DasyError BAD_OPTION
 */
export async function encodeNullWord(session: Session, word: string, encoding: string): Promise<Uint8Array> {
  if (encoding === UTF8) return Buffer.from(word)
  try {
    const row = await session.row<{ bytes: Buffer }>(statement('catalog/encode'), [word, encoding])
    return (row as { bytes: Buffer }).bytes
  } catch (error) {
    if (!isBadText(error)) throw error
    throw new DasyError(
      'BAD_OPTION',
      `--null "${word}": it cannot be written in the file's encoding, ${encoding}`,
      {
        hint: 'See that --encoding is right; then name the word as it stands in the file.',
        exitStatus: EXIT.usage,
        details: { option: '--null' },
        cause: error,
      },
    )
  }
}

/** @throws DasyError BAD_OPTION where a delimiter, quote or escape might be the second half of a character */
export function refusePartsOfCharacters({ delimiter, quote, escape: mark }: Dialect, encoding: string): void {
  const byte = [delimiter, quote, mark].find((each) => each >= LEAST_LATER_BYTE)
  if (byte === undefined || !LATER_BYTES_ARE_ASCII.includes(encoding)) return
  throw badEncoding(
    encoding,
    `"${String.fromCharCode(byte)}" may be a part of a character there`,
    `Convert the text on the way: iconv -f ${encoding} -t UTF-8 FILE | dasy ingest -`,
  )
}

/** Whether PostgreSQL could not convert text. */
function isBadText(error: unknown): boolean {
  return /^22/.test(sqlState(error) ?? '')
}

function badEncoding(asked: string, why: string, hint: string): DasyError {
  return new DasyError('BAD_OPTION', `--encoding "${asked}": ${why}`, {
    hint,
    exitStatus: EXIT.usage,
    details: { option: '--encoding' },
  })
}
