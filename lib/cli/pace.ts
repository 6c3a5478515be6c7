import type { Activity, Progress } from '../progress.js'

/** Where a load is and how fast, as both displays need it. */
export class Pace implements Progress {
  phaseName: Activity = 'plan'
  totalBytes: number | undefined
  bytes = 0
  records = 0
  readonly #began = performance.now()
  #copyBegan = performance.now()

  phase(phase: Activity, totalBytes?: number): void {
    this.phaseName = phase
    if (isReading(phase)) {
      this.totalBytes = totalBytes
      this.bytes = 0
      this.records = 0
      this.#copyBegan = performance.now()
    }
  }

  advanced(bytes: number, records: number): void {
    this.bytes += bytes
    this.records += records
  }

  /** Whether bytes tell how far it is. */
  get isReading(): boolean {
    return isReading(this.phaseName)
  }

  /** Since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000
  }

  get recordsPerSecond(): number {
    return this.records / Math.max(this.#copySeconds, 0.001)
  }

  /** Seconds until the last byte is staged, or undefined while that cannot be said. */
  get secondsLeft(): number | undefined {
    if (this.totalBytes === undefined || this.records === 0 || this.#copySeconds < 0.5) return undefined
    return (this.#copySeconds * (this.totalBytes - this.bytes)) / this.bytes
  }

  get #copySeconds(): number {
    return (performance.now() - this.#copyBegan) / 1000
  }
}

function isReading(phase: Activity): boolean {
  return phase === 'copy' || phase === 'inspect'
}
