const FIRST_MS = 100
const LONGEST_MS = 5000

/**
 * How long to wait before each next try: twice as long every time, up to five seconds, and never quite the
 * same, so that several who failed together do not come back together.
 */
export class Backoff {
  readonly #patienceMs: number
  #tries = 0
  #since = 0

  /** @param patienceMs how long after the first failure to go on trying */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /**
   * @param atLeastMs what the other side asks for
   * @returns milliseconds to wait, or undefined when it is time to give up
   */
  next(atLeastMs = 0): number | undefined {
    const now = performance.now()
    if (this.#tries === 0) this.#since = now
    const left = this.#patienceMs - (now - this.#since)
    if (left <= 0 || atLeastMs > left) return undefined
    const delay = Math.min(FIRST_MS * 2 ** this.#tries++, LONGEST_MS)
    return Math.min(Math.max(delay * (0.75 + Math.random() / 2), atLeastMs), left)
  }

  /** Something was achieved since: the next failure is another one. */
  reset(): void {
    this.#tries = 0
  }
}
