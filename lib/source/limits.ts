import { DasyError } from '../errors.js'

/** What a source may grow to. */
export interface Growth {
  /** Bytes of text. */
  readonly maxSize: number
  /** By how many times compressed bytes may grow. */
  readonly maxRatio: number
}

export interface Limits extends Growth {
  readonly name: string
  /** Bytes that the text so far was made of; where nothing is compressed, those of the text. */
  readonly compressedBytes: () => number
}

/** Bytes of text from which on growth is judged: a small file of blanks is no attack. */
const JUDGED_FROM = 64 * 1024 * 1024

/**
 * Text as it is, as long as there is no more of it than was allowed. What is too much is not handed on.
 * @throws DasyError SOURCE_TOO_LARGE, SUSPICIOUS_COMPRESSION
 */
export async function* limited(text: AsyncIterable<Uint8Array>, limits: Limits): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of text) {
    size += chunk.length
    if (size > limits.maxSize) throw tooLarge(limits)
    if (size >= JUDGED_FROM && size > limits.maxRatio * limits.compressedBytes())
      throw suspicious(limits, size)
    yield chunk
  }
}

function tooLarge({ name, maxSize }: Limits): DasyError {
  return new DasyError('SOURCE_TOO_LARGE', `${name} holds more than ${maxSize} bytes of text`, {
    hint: 'If that is right, allow for more with --max-size.',
    details: { file: name, maxSize, option: '--max-size' },
  })
}

function suspicious({ name, maxRatio, compressedBytes }: Limits, size: number): DasyError {
  const compressed = compressedBytes()
  return new DasyError(
    'SUSPICIOUS_COMPRESSION',
    `${compressed} compressed bytes of ${name} grew to ${size}, by more than ${maxRatio} times`,
    {
      hint: 'Data hardly ever do, but what is made to fill a disk does. If it is right, allow for more with --max-ratio.',
      details: { file: name, byte: size, compressed, maxRatio, option: '--max-ratio' },
    },
  )
}
