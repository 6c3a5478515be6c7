import type { Activity } from '../progress.js'
import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import type { ProgressDisplay } from './progress.js'

const INTERVAL_MS = 3000

/** A line every few seconds, for a log or a pipe. A load that is done before that prints none. */
export class ProgressLines implements ProgressDisplay {
  readonly #stream: NodeJS.WritableStream
  readonly #pace = new Pace()
  readonly #timer: NodeJS.Timeout

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
    this.#timer = setInterval(() => this.#print(), INTERVAL_MS).unref()
  }

  phase(phase: Activity, totalBytes?: number): void {
    this.#pace.phase(phase, totalBytes)
  }

  advanced(bytes: number, records: number): void {
    this.#pace.advanced(bytes, records)
  }

  note = (line: string): void => {
    this.#stream.write(`dasy: ${printable(line)}\n`)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #print(): void {
    const { phaseName, bytes, totalBytes, records, recordsPerSecond, secondsLeft, seconds } = this.#pace
    const parts: string[] = [phaseName]
    if (this.#pace.isReading) {
      parts.push(totalBytes === undefined ? byteSize(bytes) : `${byteSize(bytes)} of ${byteSize(totalBytes)}`)
      parts.push(`${count(records)} records`, `${count(Math.round(recordsPerSecond))}/s`)
      if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`)
    } else {
      parts.push(`${count(records)} records`, `${duration(seconds)} so far`)
    }
    this.#stream.write(`dasy: ${parts.join(', ')}\n`)
  }
}
