import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import type { ProgressDisplay } from './progress.js'

const INTERVAL_MS = 3000

/** Notes alone: what a program or a log gets that did not ask for progress. */
export class NoteLines implements ProgressDisplay {
  readonly #stream: NodeJS.WritableStream

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  note = (line: string): void => {
    this.#stream.write(`dasy: ${printable(line)}\n`)
  }

  stop(): void {}
}

/** And a line of progress every few seconds. */
export class ProgressLines extends Pace implements ProgressDisplay {
  readonly #lines: NoteLines
  readonly #timer: NodeJS.Timeout

  constructor(stream: NodeJS.WritableStream) {
    super()
    this.#lines = new NoteLines(stream)
    this.#timer = setInterval(() => this.#print(), INTERVAL_MS).unref()
  }

  note = (line: string): void => this.#lines.note(line)

  stop(): void {
    clearInterval(this.#timer)
  }

  #print(): void {
    const { activity, stepName, bytes, totalBytes, records, recordsPerSecond, secondsLeft, seconds } = this
    const parts: string[] = [activity]
    if (this.isReading) {
      parts.push(totalBytes === undefined ? byteSize(bytes) : `${byteSize(bytes)} of ${byteSize(totalBytes)}`)
      parts.push(`${count(records)} records`, `${count(Math.round(recordsPerSecond))}/s`)
    } else {
      if (stepName) parts.push(stepName)
      if (records > 0) parts.push(`${count(records)} records`)
      parts.push(`${duration(seconds)} so far`)
    }
    if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`)
    this.note(parts.join(', '))
  }
}
