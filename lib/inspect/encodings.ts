import { type Encodings, UTF8, unknownEncoding } from '../csv/encoding.js'

/** PostgreSQL's names for UTF-8, without punctuation. */
const UTF8_NAMES = ['utf8', 'unicode']

/** Without a server iconv-lite decodes everything that is not UTF-8. */
export const decodedEncodings: Encodings = {
  async find(asked: string, decodable: boolean): Promise<string | undefined> {
    if (UTF8_NAMES.includes(asked.toLowerCase().replace(/[^0-9a-z]/g, ''))) return UTF8
    if (decodable) return undefined
    throw unknownEncoding(asked, 'without a database only those of iconv-lite are supported')
  },

  async toUtf8(header: Uint8Array): Promise<Uint8Array> {
    return header
  },

  async encodeNullWord(word: string): Promise<Uint8Array> {
    return Buffer.from(word)
  },
}
