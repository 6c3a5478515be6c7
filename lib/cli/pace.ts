import type { Activity, DasyEvent } from '../contract/events.js'

/** How far and how fast a load is, from its events. */
export class Pace {
  activity: Activity = 'start'
  /** The current step of the merge. */
  stepName: string | undefined
  totalBytes: number | undefined
  bytes = 0
  records = 0
  /** The bytes and records of earlier attempts. */
  #bytesBefore = 0
  #recordsBefore = 0
  #copyBegan = 0
  #mergeBegan: number | undefined
  #mergeSeconds: number | undefined

  take(event: DasyEvent): void {
    switch (event.type) {
      case 'phase':
        this.#enter(event.phase, event.totalBytes)
        break
      case 'progress':
        this.#count(event)
        break
      case 'resumed':
        this.#count(event)
        this.#bytesBefore += event.bytes
        this.#recordsBefore += event.records
        break
      case 'step':
        this.stepName = event.step
        break
      case 'expected':
        this.#mergeSeconds = event.seconds
    }
  }

  #enter(activity: Activity, totalBytes: number | undefined): void {
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

  #count({ bytes, records }: { readonly bytes: number; readonly records: number }): void {
    this.bytes += bytes
    this.records += records
  }

  /** Whether the number of bytes shows the progress. */
  get isReading(): boolean {
    return isReading(this.activity)
  }

  /** The part of the current activity that is done, from 0 to 1; undefined if unknown. */
  get share(): number | undefined {
    if (this.isReading) return this.totalBytes && Math.min(this.bytes / this.totalBytes, 1)
    if (this.#mergeSeconds === undefined) return undefined
    // The merge is not done yet, however long earlier ones took.
    return Math.min(this.#secondsMerging / this.#mergeSeconds, 0.99)
  }

  /** Seconds since the start of the process: the time that the user has waited. */
  get seconds(): number {
    return performance.now() / 1000
  }

  /** Records per second of this attempt. */
  get recordsPerSecond(): number {
    return (this.records - this.#recordsBefore) / Math.max(this.#copySeconds, 0.001)
  }

  /** Seconds until everything is staged, or merged; undefined if unknown. */
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
