/** After an event, others may follow: the folders are looked at together for all of them. */
const TOGETHER_MS = 50
/** After a look it pauses so many times as long as that took: after one because of events, and because of the time. */
const [PAUSE, LONG_PAUSE] = [10, 50]

/** Why the folders are looked at: the time has come, something has happened, or a file may be whole now. */
export type Due = 'poll' | 'event' | 'settled'

/** When the folders are looked at. Large folders take long, so that they are looked at less often. */
export class Pace {
  readonly #pollMs: number
  #nextPoll = 0
  #mayLook = 0
  #settles = Number.POSITIVE_INFINITY
  #hasEvent = false
  #isCalled = false
  #began = 0
  #resolve: (() => void) | undefined

  constructor(pollMs: number) {
    this.#pollMs = pollMs
  }

  /** Something has happened in a folder. */
  event(): void {
    this.#hasEvent = true
    this.wake()
  }

  /** Ends `wait`. */
  wake(): void {
    this.#isCalled = true
    this.#resolve?.()
  }

  /** @returns undefined if it is not time to look */
  due(): Due | undefined {
    const now = performance.now()
    this.#began = now
    const due = this.#dueAt(now)
    if (due !== undefined) this.#hasEvent = false
    return due
  }

  #dueAt(now: number): Due | undefined {
    if (now >= this.#nextPoll) return 'poll'
    if (now >= this.#settles) return 'settled'
    return this.#hasEvent && now >= this.#mayLook ? 'event' : undefined
  }

  /** @param settles in how many milliseconds a file may be whole */
  looked(due: Due, settles: number | undefined): void {
    const now = performance.now()
    const took = now - this.#began
    this.#mayLook = now + Math.max(TOGETHER_MS, PAUSE * took)
    this.#settles = settles === undefined ? Number.POSITIVE_INFINITY : now + settles
    if (due === 'poll') this.#nextPoll = now + Math.max(this.#pollMs, LONG_PAUSE * took)
  }

  /** Until it is time to look, or `wake` is called. */
  async wait(): Promise<void> {
    const next = Math.min(
      this.#nextPoll,
      this.#settles,
      this.#hasEvent ? this.#mayLook : Number.POSITIVE_INFINITY,
    )
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      if (this.#isCalled) return resolve()
      this.#resolve = resolve
      timer = setTimeout(resolve, Math.max(0, next - performance.now()))
    })
    clearTimeout(timer)
    this.#isCalled = false
    this.#resolve = undefined
  }
}
