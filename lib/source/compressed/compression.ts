import type { Codec } from '../formats.js'
import { intact } from './corruption.js'
import { Gunzip } from './gzip.js'
import { Unzstd } from './zstd.js'

/** Decompressed text. */
export interface Decompressed extends AsyncIterable<Uint8Array> {
  /** Compressed bytes read so far, for progress and limits. */
  readonly compressedBytes: number
}

/**
 * The text of a compressed stream, decompressed on demand. A consumer that stops early must return the iterator. A chunk
 * may share memory with the next one, so it must not be transferred to a thread.
 *
 * @param name of the source, for errors
 * @throws DasyError CORRUPT_SOURCE, UNSUPPORTED_FORMAT, while it is read
 */
export function decompress(codec: Codec, raw: AsyncIterable<Uint8Array>, name: string): Decompressed {
  const stream = codec === 'gzip' ? new Gunzip(raw) : new Unzstd(raw, name)
  const text = intact(stream.text(), name, `Download or create it again; ${codec} -t tests it.`)
  return {
    get compressedBytes() {
      return stream.compressedBytes
    },
    [Symbol.asyncIterator]: () => text,
  }
}
