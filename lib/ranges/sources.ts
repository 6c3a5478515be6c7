import type { Note } from '../contract/events.js'
import type { Settings } from '../contract/settings.js'
import { expandSources } from '../source/expand.js'
import { type OpenOptions, openSource } from '../source/open.js'
import type { Source } from '../source/source.js'

/** Who opens sources: may end it early, and is told what happens. */
export interface Caller {
  readonly signal: AbortSignal | undefined
  readonly note: Note | undefined
  /** Whether the URLs that clients of the service have named may lead to private addresses. */
  readonly allowPrivateUrls?: boolean | undefined
}

/** The open sources of a run; disposing of it closes them. */
export class Sources implements AsyncDisposable {
  readonly all: Source[] = []

  /**
   * @param names files, patterns, URLs, `-`
   * @throws DasyError FILE_NOT_FOUND or another error of a source; the sources opened before it are closed then
   */
  static async open(names: readonly string[], settings: Settings, caller: Caller): Promise<Sources> {
    const expanded = await expandSources(names)
    const how = openOptions(settings, caller)
    return await Sources.openEach(expanded, (name, ordinal) => openSource(name, ordinal, how))
  }

  /** Opens sources one after the other. */
  static async openEach<Item>(
    items: readonly Item[],
    open: (item: Item, ordinal: number) => Promise<Source>,
  ): Promise<Sources> {
    const sources = new Sources()
    try {
      for (const [ordinal, item] of items.entries()) {
        const source = await open(item, ordinal)
        sources.all.push(source)
        // It is read later, and there may be many: release what it holds open.
        if (ordinal > 0) await source.rest()
      }
      return sources
    } catch (error) {
      await sources[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.all) await source.close().catch(() => {})
  }
}

export function openOptions({ limits, tuning }: Settings, { signal, note }: Caller): OpenOptions {
  const { maxSize, maxRatio } = limits
  return { maxSize, maxRatio, retryMs: tuning.retryMs, signal, note }
}

/** The bytes of all sources as they are stored or sent; undefined if one of them is unknown. */
export function sizeOf(sources: readonly Source[]): number | undefined {
  let sum = 0
  for (const { size } of sources) {
    if (size === undefined) return undefined
    sum += size
  }
  return sum
}
