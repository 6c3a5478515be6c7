import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import { ExactReader } from '../source/exact-reader.js'
import { BlockReader, openReader, type RangeReader } from '../source/reader.js'
import type { Source } from '../source/source.js'

/** A range of a source. */
export interface RangeOfSource {
  readonly source: number
  readonly start: number
  readonly end: number
}

/** Opens ranges of a run's sources to read them again. One file is open at a time. */
export class RangeReaders {
  readonly #plan: LoadPlan
  readonly #sources: readonly Source[]
  #file: RangeReader | undefined
  #source = -1

  constructor(plan: LoadPlan, sources: readonly Source[]) {
    this.#plan = plan
    this.#sources = sources
  }

  /**
   * @returns what reads the range, until the next one is opened
   * @throws DasyError SOURCE_CHANGED, FILE_UNREADABLE, and the error of a source that cannot be read again
   */
  async open(range: RangeOfSource): Promise<ExactReader> {
    const { name, location } = this.#plan.sources[range.source] as SourcePlan
    if (range.source !== this.#source) this.close()
    this.#source = range.source
    if (!location) return new ExactReader(await this.#readBlock(range), name)
    this.#file ??= openReader(location)
    return new ExactReader(this.#file, name)
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  /** Reads the range of a source that can only be read from its beginning (a compressed one, for example). */
  async #readBlock({ source, start, end }: RangeOfSource): Promise<RangeReader> {
    const block = new Uint8Array(end - start)
    const length = await (this.#sources[source] as Source).read(block, start)
    return new BlockReader(block.subarray(0, length), start)
  }
}
