import type { Activity } from '../contract/events.js'

/** When a phase of a run first began and last ended, in milliseconds since 1970, and how long it took without what came in between. */
export interface PhaseTime {
  readonly phase: Activity
  readonly began: number
  readonly ended: number
  readonly seconds: number
}

/** Measures the phases of a run: each may be entered again. */
export class PhaseTimes {
  readonly #times = new Map<Activity, PhaseTime>()
  #phase: Activity = 'plan'
  #since = performance.now()

  get phase(): Activity {
    return this.#phase
  }

  get all(): readonly PhaseTime[] {
    return [...this.#times.values()]
  }

  /** @returns the time of the phase that ends */
  enter(next: Activity): PhaseTime {
    const [phase, since, now] = [this.#phase, this.#since, performance.now()]
    const before = this.#times.get(phase)
    const time = {
      phase,
      began: before?.began ?? performance.timeOrigin + since,
      ended: performance.timeOrigin + now,
      seconds: (before?.seconds ?? 0) + (now - since) / 1000,
    }
    this.#times.set(phase, time)
    this.#phase = next
    this.#since = now
    return time
  }

  end(): readonly PhaseTime[] {
    this.enter(this.#phase)
    return this.all
  }
}
