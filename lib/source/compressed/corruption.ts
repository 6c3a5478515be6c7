import { DasyError } from '../../base/errors.js'

/** Bytes that are invalid in their format. The caller adds the file and the amount of good text. */
export class Corruption extends Error {
  override readonly name = 'Corruption'
}

/**
 * The decompressed text, unchanged.
 * @param name the source's name
 * @throws DasyError CORRUPT_SOURCE instead of a Corruption
 */
export async function* intact(
  text: AsyncIterable<Uint8Array>,
  name: string,
  hint: string,
): AsyncGenerator<Uint8Array> {
  let good = 0
  try {
    for await (const chunk of text) {
      good += chunk.length
      yield chunk
    }
  } catch (error) {
    if (!(error instanceof Corruption)) throw error
    throw new DasyError(
      'CORRUPT_SOURCE',
      `${name} is damaged after ${good} bytes of text: ${error.message}`,
      {
        hint,
        details: { file: name, byte: good },
        cause: error,
      },
    )
  }
}
