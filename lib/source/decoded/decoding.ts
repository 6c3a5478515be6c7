import iconv from 'iconv-lite'
import { type ByteOrder, utf16ToUtf8, WideDecoder } from './utf.js'

/**
 * Converts text to UTF-8 from encodings that PostgreSQL does not know.
 *
 * Bytes that are invalid in the encoding must not become text: they are replaced by bytes that are invalid in UTF-8, so that
 * their record is rejected.
 */

/** Decodes a stream, chunk by chunk: a character may begin in one and end in the next. */
interface Decoder {
  write(chunk: Uint8Array): Uint8Array
  /** The rest of an incomplete character at the end of the text. */
  end(): Uint8Array
}

/**
 * Names that iconv-lite accepts, but that are no text encodings, or that PostgreSQL converts; and UTF-7, because iconv-lite
 * loses characters between chunks.
 */
const NO_ENCODINGS = new Set([
  ...['base64', 'hex', 'binary', 'utf8', 'unicode11utf8'],
  ...['utf7', 'unicode11utf7', 'utf7imap'],
])

/** iconv-lite's tables for these are from before 1998, without the euro sign and the Ukrainian letters. */
const BY_TEXT_DECODER: ReadonlyMap<string, string> = new Map([
  ['macintosh', 'macintosh'],
  ['macroman', 'macintosh'],
  ['maccyrillic', 'x-mac-cyrillic'],
  ['macukraine', 'x-mac-cyrillic'],
])

/** iconv-lite's names for encodings by PostgreSQL's; needed if no server converts them. */
const BY_OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['alt', 'cp866'],
  ['win866', 'cp866'],
  ['windows866', 'cp866'],
  ['win', 'win1251'],
  ['koi8', 'koi8-r'],
  ['abc', 'tcvn'],
  ['vscii', 'tcvn'],
  ['win932', 'cp932'],
  ['win936', 'cp936'],
  ['win949', 'cp949'],
  ['uhc', 'cp949'],
  ['win950', 'cp950'],
])

/** iconv-lite decodes these more slowly, and drops invalid bytes. */
const WIDE: ReadonlyMap<string, readonly [width: 2 | 4, order: ByteOrder | undefined]> = new Map([
  ['utf16', [2, undefined]],
  ['utf16le', [2, 'LE']],
  ['utf16be', [2, 'BE']],
  ['ucs2', [2, 'LE']],
  ['utf32', [4, undefined]],
  ['utf32le', [4, 'LE']],
  ['utf32be', [4, 'BE']],
  ['ucs4', [4, undefined]],
  ['ucs4le', [4, 'LE']],
  ['ucs4be', [4, 'BE']],
])

/** @param name as the user spells it; punctuation is ignored */
export function isDecodable(name: string): boolean {
  return !NO_ENCODINGS.has(canonical(name)) && iconv.encodingExists(libraryName(name))
}

/**
 * Text in another encoding as UTF-8, without byte order mark.
 * @param encoding one that `isDecodable` accepts
 */
export async function* decode(encoding: string, raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = decoderOf(encoding)
  for await (const chunk of raw) {
    const text = decoder.write(chunk)
    if (text.length > 0) yield text
  }
  const rest = decoder.end()
  if (rest.length > 0) yield rest
}

function decoderOf(encoding: string): Decoder {
  const name = canonical(encoding)
  const wide = WIDE.get(name)
  if (wide) return new WideDecoder(...wide)
  const modern = BY_TEXT_DECODER.get(name)
  return new ByText(modern === undefined ? iconv.getDecoder(libraryName(encoding)) : textDecoder(modern))
}

function libraryName(name: string): string {
  return BY_OTHER_NAMES.get(canonical(name)) ?? name
}

/** A name as iconv-lite normalises it. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/[^0-9a-z]/g, '')
}

/** Bytes below this are single characters in all encodings decoded here, never part of another character. */
const FIRST_OF_PARTS = 0x30
/** The most bytes without such a character that are buffered and decoded together. */
const MOST_HELD = 1024 * 1024

/**
 * Uses a library that returns strings, with U+FFFD for invalid bytes. None of the encodings decoded here contains
 * U+FFFD itself. The library gets only complete characters, because iconv-lite can lose a split one beyond U+FFFF.
 */
class ByText implements Decoder {
  readonly #decoder: iconv.DecoderStream
  #held: Buffer = Buffer.alloc(0)

  constructor(decoder: iconv.DecoderStream) {
    this.#decoder = decoder
  }

  write(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#held, chunk])
    let length = bytes.length
    while (length > 0 && (bytes[length - 1] as number) >= FIRST_OF_PARTS) length -= 1
    if (length === 0 && bytes.length >= MOST_HELD) length = bytes.length
    this.#held = bytes.subarray(length)
    return toUtf8(this.#decoder.write(bytes.subarray(0, length)))
  }

  end(): Uint8Array {
    const text = this.#decoder.write(this.#held)
    // The CESU-8 decoder returns a number at the end if nothing is left.
    return toUtf8(text + (this.#decoder.end() || ''))
  }
}

function textDecoder(encoding: string): iconv.DecoderStream {
  const decoder = new TextDecoder(encoding)
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
}

function toUtf8(text: string): Uint8Array {
  return utf16ToUtf8(Buffer.from(text, 'utf16le'), text.includes('\ufffd') ? 'invalid' : 'text')
}
