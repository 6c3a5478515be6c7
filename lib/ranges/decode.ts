import type { Doubt } from '../csv/detect.js'
import { detectEncoding } from '../csv/detect-encoding.js'
import { type Encodings, UTF8 } from '../csv/encoding.js'
import type { Source } from '../source/source.js'
import { LONGEST_HEADER } from './opening.js'

/** A source whose text COPY can read, and the encoding of that text. */
export interface DecodedSource {
  readonly source: Source
  /** The encoding of the text, as COPY is told. */
  readonly encoding: string
  /** The encoding of the source, as the user is told. */
  readonly shown: string
  readonly doubts: readonly Doubt[]
}

/**
 * Finds the encoding of a source. Encodings that PostgreSQL converts stay as they are, because COPY converts them; a
 * library decodes all others (UTF-16, …) to UTF-8.
 * @param asked the encoding that the user named; detected if undefined
 * @throws DasyError BAD_OPTION for an unknown encoding
 */
export async function decode(
  encodings: Encodings,
  asked: string | undefined,
  source: Source,
): Promise<DecodedSource> {
  if (asked === undefined) {
    const head = await source.head(LONGEST_HEADER)
    const { name: encoding, doubts } = detectEncoding(head, head.length < LONGEST_HEADER)
    if (encoding === UTF8) return { source, encoding, shown: 'UTF-8', doubts }
    return { source: await source.decoded(encoding), encoding: UTF8, shown: encoding, doubts }
  }
  const { isDecodable } = await import('../source/decoded/decoding.js')
  const encoding = await encodings.find(asked, isDecodable(asked))
  if (encoding !== undefined) return { source, encoding, shown: encoding, doubts: [] }
  return { source: await source.decoded(asked), encoding: UTF8, shown: asked, doubts: [] }
}
