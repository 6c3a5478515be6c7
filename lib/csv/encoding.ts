import { DasyError, EXIT } from '../base/errors.js'
import type { Dialect } from './dialect.js'

/**
 * The encodings of files, which are somebody else's to know and to convert.
 *
 * The scan looks for quotes, delimiters and line ends byte by byte. That is right in every encoding that PostgreSQL
 * converts where these are below 0x30, as comma and double quote are: in the encodings below a character's later bytes
 * may be ASCII ones from there on, and in all the others they are not below 0x80.
 */

const LATER_BYTES_ARE_ASCII = ['SJIS', 'SHIFT_JIS_2004', 'BIG5', 'GBK', 'UHC', 'JOHAB', 'GB18030']
const LEAST_LATER_BYTE = 0x30

/** What files are in unless something else is said. */
export const UTF8 = 'UTF8'

/** Whoever takes text as it stands in other encodings than UTF-8. */
export interface Encodings {
  /**
   * @param asked as the user spells it
   * @param decodable whether the text could be decoded beforehand
   * @returns as it is called there, or undefined where the text has to be decoded beforehand
   * @throws DasyError BAD_OPTION
   */
  find(asked: string, decodable: boolean): Promise<string | undefined>
  /**
   * A file's header.
   * @param marked whether the file begins with the byte order mark of UTF-8
   * @throws DasyError BAD_HEADER, BAD_OPTION
   */
  toUtf8(header: Uint8Array, marked: boolean, encoding: string, file: string): Promise<Uint8Array>
  /**
   * The NULL word in the file's encoding.
   * @throws DasyError BAD_OPTION
   */
  encodeNullWord(word: string, encoding: string): Promise<Uint8Array>
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

export function badEncoding(asked: string, why: string, hint: string): DasyError {
  return new DasyError('BAD_OPTION', `--encoding "${asked}": ${why}`, {
    hint,
    exitStatus: EXIT.usage,
    details: { option: '--encoding' },
  })
}

/** @param who should have known it */
export function unknownEncoding(asked: string, who: string): DasyError {
  return badEncoding(
    asked,
    `unknown encoding: ${who} knows it`,
    `Convert the file first: iconv -f ${/^[\w.:-]+$/.test(asked) ? asked : 'ENCODING'} -t UTF-8`,
  )
}
