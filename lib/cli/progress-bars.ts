import { MultiBar, type Options } from 'cli-progress'
import type { DasyEvent } from '../contract/events.js'
import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import { lineOf, type ProgressDisplay } from './progress-display.js'

const WIDEST_BAR = 30
const SMALLEST_BAR = 8

/**
 * One line, redrawn in place below the notes: phase, bytes or step, records per second and time left. What does not fit
 * into the terminal is left out, from the right.
 */
export class ProgressBars implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream
  readonly #pace = new Pace()
  readonly #bars: MultiBar
  #isStopping = false
  #isOver = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#bars = new MultiBar({
      stream,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: true,
      forceRedraw: true,
      format: (_options: Options) => this.#line(),
    } as Options)
    this.#bars.create(1, 0)
  }

  readonly onEvent = (event: DasyEvent): void => {
    const line = lineOf(event)
    if (line !== undefined) this.#note(line)
    this.#pace.take(event)
    if (event.type === 'phase' || event.type === 'step') this.#draw()
  }

  interrupted(): void {
    this.#isStopping = true
    // The terminal has echoed ^C where the cursor was.
    this.#note('stopping; Ctrl-C again ends it at once')
  }

  stop(): void {
    if (this.#isOver) return
    this.#draw() // with whatever has just been noted
    this.#isOver = true
    this.#bars.stop()
  }

  #note(line: string): void {
    if (this.#isOver) this.#stream.write(`dasy: ${printable(line)}\n`)
    else this.#bars.log(`dasy: ${printable(line)}\n`)
    this.#draw()
  }

  #draw(): void {
    if (!this.#isOver) this.#bars.update()
  }

  #line(): string {
    // With room for the ^C that a terminal echoes: on another line it would leave this one behind.
    const width = (this.#stream.columns || 80) - 3
    const parts = this.#isStopping ? ['stopping'] : this.#parts()
    // Nobody can tell how far a pipe is, or a merge like none before: a bar would only pretend to.
    const share = this.#isStopping ? undefined : this.#pace.share
    const least = share !== undefined && width > 30 ? SMALLEST_BAR + 2 : 0
    while (parts.length > 1 && parts.join('  ').length + least > width) parts.pop()
    const text = parts.join('  ').slice(0, width)
    const room = Math.min(WIDEST_BAR, width - text.length - 2)
    return least > 0 && share !== undefined ? `${bar(share, room)}  ${text}` : text
  }

  #parts(): string[] {
    const pace = this.#pace
    const { activity, stepName, bytes, totalBytes, records, secondsLeft, share } = pace
    const waited = `${duration(pace.seconds)} so far`
    const left = secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]
    if (activity === 'start' || activity === 'plan') return [activity, waited]
    if (!pace.isReading)
      return [activity, ...(stepName ? [stepName] : []), ...left, waited, `${count(records)} records`]
    const speed = `${count(Math.round(pace.recordsPerSecond))} records/s`
    if (totalBytes === undefined) return [activity, byteSize(bytes), speed, waited]
    return [
      activity,
      `${Math.floor((share ?? 0) * 100)} %`,
      ...left,
      `${byteSize(bytes)} of ${byteSize(totalBytes)}`,
      speed,
    ]
  }
}

function bar(share: number, width: number): string {
  const done = Math.round(share * width)
  return '█'.repeat(done) + '░'.repeat(width - done)
}
