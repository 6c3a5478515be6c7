import { DasyError, EXIT } from '../base/errors.js'
import { badEncoding, type Encodings, UTF8, unknownEncoding } from '../csv/encoding.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'

interface FoundEncoding {
  readonly name: string
  readonly database: string
  readonly convertible: boolean
}

/** The encodings that PostgreSQL knows and converts. */
export class DatabaseEncodings implements Encodings {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  async find(asked: string, decodable: boolean): Promise<string | undefined> {
    const found = await this.#session.row<FoundEncoding>(statement('catalog/find_encoding'), [asked])
    if (!found?.convertible && decodable) return undefined
    if (!found) throw unknownEncoding(asked, 'neither PostgreSQL nor iconv-lite supports it')
    const { name, database, convertible } = found
    if (name === 'SQL_ASCII') {
      throw badEncoding(
        asked,
        'it does not define the bytes from 128 on',
        'Name the encoding that the file is in, such as UTF8, LATIN1 or WIN1252.',
      )
    }
    if (!convertible) {
      throw badEncoding(
        asked,
        `PostgreSQL cannot convert ${name} to the database's encoding, ${database}`,
        'Convert the file first, for example with iconv.',
      )
    }
    return name
  }

  async toUtf8(header: Uint8Array, marked: boolean, encoding: string, file: string): Promise<Uint8Array> {
    if (encoding === UTF8) return header
    if (marked)
      throw badEncoding(encoding, `${file} begins with the byte order mark of UTF-8`, 'Leave the flag out.')
    try {
      const row = await this.#session.row<{ text: string }>(query`SELECT convert_from($1, $2) AS text`, [
        header,
        encoding,
      ])
      const { text } = row as { text: string }
      // Without the byte order mark, which an encoding such as GB18030 may have.
      return Buffer.from(text.replace(/^\uFEFF/, ''))
    } catch (error) {
      if (!isBadText(error)) throw error
      throw new DasyError(
        'BAD_HEADER',
        `the header of ${file} is not in ${encoding}: ${(error as Error).message}`,
        {
          hint: 'Check --encoding.',
          details: { file, line: 1 },
          cause: error,
        },
      )
    }
  }

  async encodeNullWord(word: string, encoding: string): Promise<Uint8Array> {
    if (encoding === UTF8) return Buffer.from(word)
    try {
      const row = await this.#session.row<{ bytes: Buffer }>(query`SELECT convert_to($1, $2) AS bytes`, [
        word,
        encoding,
      ])
      return (row as { bytes: Buffer }).bytes
    } catch (error) {
      if (!isBadText(error)) throw error
      throw new DasyError(
        'BAD_OPTION',
        `--null "${word}": the encoding of the file, ${encoding}, has no such characters`,
        {
          hint: 'Check --encoding, and write the word as it is in the file.',
          exitStatus: EXIT.usage,
          details: { option: '--null' },
          cause: error,
        },
      )
    }
  }
}

/** Whether PostgreSQL could not convert text. */
function isBadText(error: unknown): boolean {
  return /^22/.test(sqlState(error) ?? '')
}
