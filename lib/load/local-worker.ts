import type { Connection } from '../db/client.js'
import type { Session } from '../db/session.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { openReader, type RangeReader } from '../source/reader.js'
import { Loader } from './loader.js'
import type { LoadedRange, RangeWorker } from './range-worker.js'

/**
 * The worker of a source that is a single range: it loads through the main session, in the main thread. Starting a thread and
 * connecting would take longer than that, and there is nothing else to do meanwhile.
 *
 * It does not try again by itself: if the main session is lost, the attempt is over, and the next one resumes the run.
 */
export class LocalWorker implements RangeWorker {
  #session: Session | undefined
  #loader: Loader | undefined
  #readers: (RangeReader | undefined)[] = []
  #loading: Promise<LoadedRange> | undefined

  connect(_: Connection, main: Session): void {
    this.#session = main
  }

  async begin(plan: LoadPlan): Promise<void> {
    this.#readers = plan.sources.map(({ location }) => location && openReader(location))
    this.#loader = new Loader(this.#session as Session, plan, this.#readers, 1)
  }

  load(range: Range): Promise<LoadedRange> {
    this.#loading = this.#load(range)
    return this.#loading
  }

  async end(): Promise<void> {
    // The session must be free for the statements that follow.
    await this.#loading?.catch(() => {})
    for (const reader of this.#readers.splice(0)) reader?.close()
  }

  /** A cancellation ends the statement of the main session, and so the range. */
  terminate(): Promise<void> {
    return this.end()
  }

  async #load(range: Range): Promise<LoadedRange> {
    return { loaded: await (this.#loader as Loader).load(range), block: range.block }
  }
}
