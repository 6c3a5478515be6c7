import { intact } from './corruption.js'
import type { Codec } from './formats.js'
import { Gunzip } from './gzip.js'
import { Unzstd } from './zstd.js'

/** Text on its way. */
export interface Decompressed extends AsyncIterable<Uint8Array> {
  /** Bytes that the text so far was made of, for progress and for limits. */
  readonly compressedBytes: number
}

/**
 * The text of a compressed stream, made while it is taken. Whoever stops early returns the iterator.
 *
 * A chunk may share its memory with the next: it is nobody's to transfer to a thread.
 *
 * @param name the source's, for errors: CORRUPT_SOURCE, UNSUPPORTED_FORMAT
 */
export function decompress(codec: Codec, raw: AsyncIterable<Uint8Array>, name: string): Decompressed {
  const stream = codec === 'gzip' ? new Gunzip(raw) : new Unzstd(raw, name)
  const text = intact(stream.text(), name, `Fetch or make it again; ${codec} -t tests it.`)
  return {
    get compressedBytes() {
      return stream.compressedBytes
    },
    [Symbol.asyncIterator]: () => text,
  }
}
