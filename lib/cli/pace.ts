import type { Activity, Progress } from '../contract/events.js'

/** Where a load is and how fast, as both displays need it. */
export class Pace implements Progress {
  activity: Activity = 'start'
  /** Of the merge. */
  stepName: string | undefined
  totalBytes: number | undefined
  bytes = 0
  records = 0
  /** What an earlier attempt did of them. */
  #bytesBefore = 0
  #recordsBefore = 0
  #copyBegan = 0
  #mergeBegan: number | undefined
  #mergeSeconds: number | undefined

  phase(activity: Activity, totalBytes?: number): void {
    this.activity = activity
    this.stepName = undefined
    if (isReading(activity)) {
      this.totalBytes = totalBytes
      this.bytes = this.#bytesBefore = 0
      this.records = this.#recordsBefore = 0
      this.#copyBegan = performance.now()
      this.#mergeBegan = this.#mergeSeconds = undefined
    } else if (activity === 'merge') this.#mergeBegan ??= performance.now()
  }

  advanced(bytes: number, records: number): void {
    this.bytes += bytes
    this.records += records
  }

  resumed(bytes: number, records: number): void {
    this.advanced(bytes, records)
    this.#bytesBefore += bytes
    this.#recordsBefore += records
  }

  step(name: string): void {
    this.stepName = name
  }

  expected(seconds: number): void {
    this.#mergeSeconds = seconds
  }

  /** Whether bytes tell how far it is. */
  get isReading(): boolean {
    return isReading(this.activity)
  }

  /** How much is done of what is under way, from 0 to 1; undefined where nobody can tell. */
  get share(): number | undefined {
    if (this.isReading) return this.totalBytes && Math.min(this.bytes / this.totalBytes, 1)
    if (this.#mergeSeconds === undefined) return undefined
    // That much is certain: it is not done yet.
    return Math.min(this.#secondsMerging / this.#mergeSeconds, 0.99)
  }

  /** That somebody has waited: since the start of the process. */
  get seconds(): number {
    return performance.now() / 1000
  }

  /** Of this attempt. */
  get recordsPerSecond(): number {
    return (this.records - this.#recordsBefore) / Math.max(this.#copySeconds, 0.001)
  }

  /** Seconds until all is staged, or merged; undefined while that cannot be said. */
  get secondsLeft(): number | undefined {
    if (!this.isReading) return this.#mergeSecondsLeft
    const read = this.bytes - this.#bytesBefore
    if (this.totalBytes === undefined || read === 0 || this.#copySeconds < 0.5) return undefined
    return (this.#copySeconds * (this.totalBytes - this.bytes)) / read
  }

  get #mergeSecondsLeft(): number | undefined {
    const left = (this.#mergeSeconds ?? 0) - this.#secondsMerging
    return left > 0 ? left : undefined
  }

  get #secondsMerging(): number {
    return this.#mergeBegan === undefined ? 0 : (performance.now() - this.#mergeBegan) / 1000
  }

  get #copySeconds(): number {
    return (performance.now() - this.#copyBegan) / 1000
  }
}

function isReading(activity: Activity): boolean {
  return activity === 'copy' || activity === 'inspect'
}
