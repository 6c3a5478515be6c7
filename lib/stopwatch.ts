import type { Phase } from './progress.js'
import type { Seconds } from './receipt.js'

/** Splits the time of a run into phases, one at a time, so that the parts add up to the total. */
export class Stopwatch {
  readonly #spent: Record<Phase, number> = { plan: 0, copy: 0, merge: 0, aggregate: 0 }
  #phase: Phase = 'plan'
  #since = performance.now()

  enter(phase: Phase): void {
    const now = performance.now()
    this.#spent[this.#phase] += now - this.#since
    this.#phase = phase
    this.#since = now
  }

  /** Rounded to milliseconds, the total being the sum of the rounded parts. */
  read(): Seconds {
    this.enter(this.#phase)
    const { plan, copy, merge, aggregate } = this.#spent
    const [p, c, m, a] = [plan, copy, merge, aggregate].map(Math.round) as [number, number, number, number]
    return {
      total: (p + c + m + a) / 1000,
      plan: p / 1000,
      copy: c / 1000,
      merge: m / 1000,
      aggregate: a / 1000,
    }
  }
}
