import { DasyError } from '../errors.js'

/** Bytes that are not what their format says. Which file it was and how far it was good, is known further up. */
export class Corruption extends Error {
  override readonly name = 'Corruption'
}

/**
 * What was decompressed, as it is.
 * @param name the source's
 * @throws DasyError CORRUPT_SOURCE where there was a Corruption
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
      `${name} is damaged behind ${good} bytes of text: ${error.message}`,
      {
        hint,
        details: { file: name, byte: good },
        cause: error,
      },
    )
  }
}
