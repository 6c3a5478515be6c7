import type { DasyEvent } from '../contract/events.js'
import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import { lineOf, type ProgressDisplay } from './progress-display.js'

const INTERVAL_MS = 3000

/** Notes alone: what a program or a log gets that did not ask for progress. */
export class NoteLines implements ProgressDisplay {
  readonly #stream: NodeJS.WritableStream

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  readonly onEvent = (event: DasyEvent): void => {
    const line = lineOf(event)
    if (line !== undefined) this.print(line)
  }

  print(line: string): void {
    this.#stream.write(`dasy: ${printable(line)}\n`)
  }

  stop(): void {}
}

/** Notes, and a line of progress every few seconds. */
export class ProgressLines implements ProgressDisplay {
  readonly #lines: NoteLines
  readonly #pace = new Pace()
  readonly #timer: NodeJS.Timeout

  constructor(stream: NodeJS.WritableStream) {
    this.#lines = new NoteLines(stream)
    this.#timer = setInterval(() => this.#print(), INTERVAL_MS).unref()
  }

  readonly onEvent = (event: DasyEvent): void => {
    this.#lines.onEvent(event)
    this.#pace.take(event)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #print(): void {
    const {
      activity,
      stepName,
      bytes,
      totalBytes,
      records,
      recordsPerSecond,
      secondsLeft,
      seconds,
      isReading,
    } = this.#pace
    const parts: string[] = [activity]
    if (isReading) {
      parts.push(totalBytes === undefined ? byteSize(bytes) : `${byteSize(bytes)} of ${byteSize(totalBytes)}`)
      parts.push(`${count(records)} records`, `${count(Math.round(recordsPerSecond))}/s`)
    } else {
      if (stepName) parts.push(stepName)
      if (records > 0) parts.push(`${count(records)} records`)
      parts.push(`${duration(seconds)} so far`)
    }
    if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`)
    this.#lines.print(parts.join(', '))
  }
}
