import type { DasyEvent } from '../contract/events.js'
import type { Phase, Seconds } from '../contract/receipt.js'

/** Splits the time of a run into phases, one at a time, so that the parts add up to the total. */
export class PhaseTimer {
  readonly #spent: Record<Phase, number> = { start: 0, plan: 0, copy: 0, merge: 0, aggregate: 0 }
  #phase: Phase
  #since: number

  /**
   * @param ofProcess whether the process exists only for this load: then the time begins with the process, and starting
   * is a phase of its own
   */
  constructor(readonly ofProcess = false) {
    this.#phase = ofProcess ? 'start' : 'plan'
    this.#since = ofProcess ? 0 : performance.now()
  }

  /** Follows the phases of a load. */
  readonly onEvent = (event: DasyEvent): void => {
    if (event.type === 'phase' && event.phase !== 'inspect') this.enter(event.phase)
  }

  enter(phase: Phase): void {
    const now = performance.now()
    this.#spent[this.#phase] += now - this.#since
    this.#phase = phase === 'start' && !this.ofProcess ? 'plan' : phase
    this.#since = now
  }

  /** Rounded to milliseconds, the total being the sum of the rounded parts. */
  read(): Seconds {
    this.enter(this.#phase)
    const { start, plan, copy, merge, aggregate } = this.#spent
    const parts = [start, plan, copy, merge, aggregate].map(Math.round)
    const [s, p, c, m, a] = parts as [number, number, number, number, number]
    return {
      total: (s + p + c + m + a) / 1000,
      start: s / 1000,
      plan: p / 1000,
      copy: c / 1000,
      merge: m / 1000,
      aggregate: a / 1000,
    }
  }
}
