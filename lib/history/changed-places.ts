import { setImmediate as breathe } from 'node:timers/promises'
import type { Session } from '../db/session.js'
import type { Fragment } from '../db/sql.js'
import { keepPlaces, type TouchedRange, touchedRanges } from './places.js'

/** Bytes of offsets that wait until the changes are written: those of about 8 million records. */
const MOST_WAITING = 16 * 1024 * 1024

/** A range and the offsets of its records; none if they were stored when it was staged. */
interface ReadRange {
  readonly range: TouchedRange
  readonly places: Uint8Array | undefined
}

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
    for (const read of this.#waiting.splice(0)) await this.#keep(read)
    for (let range = this.#left.shift(); range; range = this.#left.shift())
      await this.#keep(await this.#read(range))
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

  /** A source that is gone meanwhile, although all of it is staged: then the places are not known. */
  async #read(range: TouchedRange): Promise<ReadRange> {
    const places = range.stored ? undefined : await this.#offsetsOf(range).catch(() => undefined)
    return { range, places }
  }

  async #keep({ range, places }: ReadRange): Promise<void> {
    await keepPlaces(this.#session, this.#run, range, places)
  }
}
