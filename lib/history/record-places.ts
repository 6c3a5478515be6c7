import { isDeepStrictEqual } from 'node:util'
import type { Place } from '../contract/change.js'
import { defaults } from '../contract/options.js'
import { parseMaxSize } from '../contract/values.js'
import type { Session } from '../db/session.js'
import type { StoredSource } from '../ledger/sources.js'
import { clientUrlsOf, openSource } from '../source/open.js'
import type { Source } from '../source/source.js'
import { PlaceReader } from './places.js'
import type { StoredChange } from './read.js'

const NOWHERE: Place = { source: null, byte: null, line: null }

/** Where the changed records of a run are in its sources. */
export class RecordPlaces {
  readonly #reader: PlaceReader
  readonly #sources: ReadonlyMap<number, StoredSource>
  readonly #unchanged = new Map<number, Promise<boolean>>()

  constructor(session: Session, run: number, sources: readonly StoredSource[]) {
    this.#reader = new PlaceReader(session, run)
    this.#sources = new Map(sources.map((source) => [source.ordinal, source]))
  }

  /** The line is only given if the source is as it was, so that it can be looked up there. */
  async of({ source: ordinal, place }: Pick<StoredChange, 'source' | 'place'>): Promise<Place> {
    const source = ordinal === null ? undefined : this.#sources.get(ordinal)
    if (ordinal === null || place === null || !source) return NOWHERE
    const found = await this.#reader.find(ordinal, place)
    const line = found && (await this.#isUnchanged(source)) ? found.line : null
    return { source: source.name, byte: found?.byte ?? null, line }
  }

  #isUnchanged(source: StoredSource): Promise<boolean> {
    const known = this.#unchanged.get(source.ordinal) ?? isUnchanged(source)
    this.#unchanged.set(source.ordinal, known)
    return known
  }
}

/** Whether a source can be read again and is as the run has read it. */
async function isUnchanged(stored: StoredSource): Promise<boolean> {
  await using source = await openUnchanged(stored)
  return source !== undefined
}

/** Opens the source of a run; undefined if it cannot be read again, or is not as the run has read it. */
export async function openUnchanged({
  name,
  ordinal,
  kind,
  path,
  identity,
}: StoredSource): Promise<Source | undefined> {
  if (path === null) return undefined
  const { maxSize, maxRatio } = defaults
  const options = {
    maxSize: parseMaxSize(maxSize),
    maxRatio,
    retryMs: 0,
    clientUrls: clientUrlsOf(kind, false),
  }
  const source = await openSource(name, ordinal, options, path).catch(() => undefined)
  if (!source || isDeepStrictEqual(identity, JSON.parse(JSON.stringify(source.identity)))) return source
  await source.close()
  return undefined
}
