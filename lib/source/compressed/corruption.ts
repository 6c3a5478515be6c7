import { DasyError } from '../../base/errors.js'

/** Bytes that are invalid in their format. `intact` adds the source and how much text was valid. */
export class Corruption extends Error {
  override readonly name = 'Corruption'
}

/**
 * Passes decompressed text on.
 * @param name the source's name
 * @throws DasyError CORRUPT_SOURCE instead of a Corruption
 */
export async function* intact(
  text: AsyncIterable<Uint8Array>,
  name: string,
  hint: string,
): AsyncGenerator<Uint8Array> {
  let valid = 0
  try {
    for await (const chunk of text) {
      valid += chunk.length
      yield chunk
    }
  } catch (error) {
    if (!(error instanceof Corruption)) throw error
    throw new DasyError(
      'CORRUPT_SOURCE',
      `${name} is damaged after ${valid} bytes of text: ${error.message}`,
      {
        hint,
        details: { file: name, byte: valid },
        cause: error,
      },
    )
  }
}
