import { DasyError } from '../base/errors.js'

/** Limits of a source's size. */
export interface Growth {
  /** Bytes of text. */
  readonly maxSize: number
  /** The largest ratio of text to compressed bytes. */
  readonly maxRatio: number
}

export interface Limits extends Growth {
  readonly name: string
  /** Bytes consumed so far; without compression, those of the text. */
  readonly compressedBytes: () => number
}

/** Bytes of text from which the ratio is checked: smaller files can compress extremely well without being an attack. */
const JUDGED_FROM = 64 * 1024 * 1024

/**
 * Passes text on until a limit is exceeded.
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
    hint: 'If that is expected, raise the limit with --max-size.',
    details: { file: name, maxSize, option: '--max-size' },
  })
}

function suspicious({ name, maxRatio, compressedBytes }: Limits, size: number): DasyError {
  const compressed = compressedBytes()
  return new DasyError(
    'SUSPICIOUS_COMPRESSION',
    `${compressed} compressed bytes of ${name} became ${size} bytes of text, more than ${maxRatio} times as many`,
    {
      hint: 'Data rarely compress so well, but files made to fill a disk do. If that is expected, raise the limit with --max-ratio.',
      details: { file: name, byte: size, compressed, maxRatio, option: '--max-ratio' },
    },
  )
}
