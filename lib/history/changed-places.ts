import { setImmediate as breathe } from 'node:timers/promises'
import type { Session } from '../db/session.js'
import type { Fragment } from '../db/sql.js'
import { keepPlaces, type ReadRange, type TouchedRange, touchedRanges } from './places.js'

/** Bytes of offsets that wait until the changes are written: those of about 2 million records. */
const MOST_WAITING = 4 * 1024 * 1024
/** Bytes of offsets in a message to the server, about. */
const MOST_TOGETHER = 1024 * 1024

/**
 * Keeps where the changed records of a run are. Their ranges are read again while the server writes the changes, so that the run
 * is not longer for it.
 */
export class ChangedPlaces {
  readonly #session: Session
  readonly #run: number
  readonly #offsetsOf: (range: TouchedRange) => Promise<Uint8Array>
  readonly #waiting: ReadRange[] = []
  #bytes = 0
  #left: TouchedRange[] = []
  #reading = Promise.resolve()
  #isStopped = false

  /** @param offsetsOf reads a range again */
  constructor(session: Session, run: number, offsetsOf: (range: TouchedRange) => Promise<Uint8Array>) {
    this.#session = session
    this.#run = run
    this.#offsetsOf = offsetsOf
  }

  /** Begins to read. @param changed a table with the positions of the records */
  async begin(changed: Fragment): Promise<void> {
    this.#left = await touchedRanges(this.#session, this.#run, changed)
    this.#reading = this.#readAhead()
  }

  /** Keeps them, after the changes are written. */
  async keep(): Promise<void> {
    await this.#reading
    let [together, bytes]: [ReadRange[], number] = [[], 0]
    for await (const read of this.#allRead()) {
      together.push(read)
      bytes += read.places?.length ?? 0
      if (bytes < MOST_TOGETHER) continue
      await keepPlaces(this.#session, this.#run, together)
      ;[together, bytes] = [[], 0]
    }
    if (together.length > 0) await keepPlaces(this.#session, this.#run, together)
  }

  /** Ends reading, if the changes could not be written. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#reading
  }

  async #readAhead(): Promise<void> {
    while (this.#left.length > 0 && this.#bytes < MOST_WAITING && !this.#isStopped) {
      // The statement that writes the changes is sent first, and its answer is not kept waiting.
      await breathe()
      const read = await this.#read(this.#left.shift() as TouchedRange)
      this.#bytes += read.places?.length ?? 0
      this.#waiting.push(read)
    }
  }

  async *#allRead(): AsyncGenerator<ReadRange> {
    yield* this.#waiting.splice(0)
    for (let range = this.#left.shift(); range; range = this.#left.shift()) yield await this.#read(range)
  }

  /** A source that is gone meanwhile, although all of it is staged: then the places are not known. */
  async #read(range: TouchedRange): Promise<ReadRange> {
    const places = range.stored ? undefined : await this.#offsetsOf(range).catch(() => undefined)
    return { range, places }
  }
}
