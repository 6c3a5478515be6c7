import { DasyError, EXIT } from '../base/errors.js'
import type { Dialect } from './dialect.js'

/**
 * The encodings of files. PostgreSQL or a library converts them; CSV only needs to know where a byte is a character.
 *
 * The scan searches for quotes, delimiters and line ends byte by byte. If these are below 0x30, as comma and double quote
 * are, that is right in every encoding that PostgreSQL converts: in the encodings listed here the later bytes of a character
 * are 0x30 or above, in all others 0x80 or above.
 */

const LATER_BYTES_ARE_ASCII = ['SJIS', 'SHIFT_JIS_2004', 'BIG5', 'GBK', 'UHC', 'JOHAB', 'GB18030']
const LEAST_LATER_BYTE = 0x30

/** The encoding of files unless --encoding names another. */
export const UTF8 = 'UTF8'

/** Converts encodings: the server, or a library if there is none. */
export interface Encodings {
  /**
   * @param asked as the user spells it
   * @param decodable whether the library can decode it
   * @returns the name under which it is converted, or undefined if the library must decode the text first
   * @throws DasyError BAD_OPTION
   */
  find(asked: string, decodable: boolean): Promise<string | undefined>
  /**
   * Converts a file's header.
   * @param marked whether the file begins with the byte order mark of UTF-8
   * @throws DasyError BAD_HEADER, BAD_OPTION
   */
  toUtf8(header: Uint8Array, marked: boolean, encoding: string, file: string): Promise<Uint8Array>
  /**
   * Converts the NULL word to the file's encoding.
   * @throws DasyError BAD_OPTION
   */
  encodeNullWord(word: string, encoding: string): Promise<Uint8Array>
}

/** @throws DasyError BAD_OPTION if delimiter, quote or escape can be a part of another character */
export function refusePartsOfCharacters({ delimiter, quote, escape: mark }: Dialect, encoding: string): void {
  const byte = [delimiter, quote, mark].find((each) => each >= LEAST_LATER_BYTE)
  if (byte === undefined || !LATER_BYTES_ARE_ASCII.includes(encoding)) return
  throw badEncoding(
    encoding,
    `"${String.fromCharCode(byte)}" can be a part of another character in it`,
    `Convert the text first: iconv -f ${encoding} -t UTF-8 FILE | dasy ingest -`,
  )
}

export function badEncoding(asked: string, why: string, hint: string): DasyError {
  return new DasyError('BAD_OPTION', `--encoding "${asked}": ${why}`, {
    hint,
    exitStatus: EXIT.usage,
    details: { option: '--encoding' },
  })
}

/** @param why what does not support it */
export function unknownEncoding(asked: string, why: string): DasyError {
  return new DasyError('BAD_OPTION', `--encoding "${asked}": unknown encoding; ${why}`, {
    hint: `Convert the file first: iconv -f ${/^[\w.:-]+$/.test(asked) ? asked : 'ENCODING'} -t UTF-8`,
    exitStatus: EXIT.usage,
    details: { option: '--encoding' },
  })
}
