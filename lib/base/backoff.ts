const FIRST_MS = 100
const LONGEST_MS = 5000

/**
 * Exponential backoff: the delay before a retry doubles each time, up to five seconds. It varies by up to a quarter
 * (jitter), so that clients that failed together do not retry together.
 */
export class Backoff {
  readonly #limitMs: number
  #retries = 0
  #since = 0

  /** @param limitMs for how long after the first failure to retry, in milliseconds */
  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /**
   * @param atLeastMs the delay that the server asks for, in milliseconds
   * @returns the delay in milliseconds, or undefined if the limit is reached
   */
  next(atLeastMs = 0): number | undefined {
    const now = performance.now()
    if (this.#retries === 0) this.#since = now
    const left = this.#limitMs - (now - this.#since)
    if (left <= 0 || atLeastMs > left) return undefined
    const delay = Math.min(FIRST_MS * 2 ** this.#retries++, LONGEST_MS)
    return Math.min(Math.max(delay * (0.75 + Math.random() / 2), atLeastMs), left)
  }

  /** Call this after progress: the next failure then starts with the shortest delay and the full limit. */
  reset(): void {
    this.#retries = 0
  }
}
