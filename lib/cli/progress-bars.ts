import { type Options, SingleBar } from 'cli-progress'
import type { Activity } from '../progress.js'
import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import type { ProgressDisplay } from './progress.js'

const WIDEST_BAR = 30
const SMALLEST_BAR = 8

/**
 * One bar, redrawn in place: phase, bytes, records per second and time left. What does not fit into the
 * terminal is left out, from the right.
 */
export class ProgressBars implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream
  readonly #pace = new Pace()
  readonly #bar: SingleBar
  readonly #timer: NodeJS.Timeout
  #stopped = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#bar = new SingleBar({
      stream,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: true,
      format: (_options: Options, params: { progress: number }) => this.#line(params.progress),
    } as Options)
    this.#bar.start(1, 0)
    this.#timer = setInterval(() => this.#draw(), 100).unref()
  }

  phase(phase: Activity, totalBytes?: number): void {
    this.#pace.phase(phase, totalBytes)
    this.#draw()
  }

  advanced(bytes: number, records: number): void {
    this.#pace.advanced(bytes, records)
  }

  note = (line: string): void => {
    this.#stream.write(`\r\x1b[Kdasy: ${printable(line)}\n`)
    this.#draw()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearInterval(this.#timer)
    this.#bar.stop()
    // The echo of a Ctrl-C may have pushed the bar's end onto another line.
    this.#stream.write('\r\x1b[J')
  }

  #draw(): void {
    if (this.#stopped) return
    const { bytes, totalBytes = 0 } = this.#pace
    this.#bar.update(totalBytes > 0 ? Math.min(bytes / totalBytes, 1) : 0)
  }

  #line(progress: number): string {
    const width = (this.#stream.columns || 80) - 1
    const parts = this.#parts(progress)
    // Nobody can tell how far a merge is, or a pipe: a bar would only pretend to.
    const isKnown = this.#pace.isReading && this.#pace.totalBytes !== undefined
    const least = isKnown && width > 30 ? SMALLEST_BAR + 2 : 0
    while (parts.length > 1 && parts.join('  ').length + least > width) parts.pop()
    const text = parts.join('  ').slice(0, width)
    const room = Math.min(WIDEST_BAR, width - text.length - 2)
    return least > 0 ? `${bar(progress, room)}  ${text}` : text
  }

  #parts(progress: number): string[] {
    const { phaseName, bytes, totalBytes, records, recordsPerSecond, secondsLeft, seconds } = this.#pace
    if (phaseName === 'plan') return [phaseName]
    if (!this.#pace.isReading) return [phaseName, `${count(records)} records`, `${duration(seconds)} so far`]
    const pace = `${count(Math.round(recordsPerSecond))} records/s`
    if (totalBytes === undefined) return [phaseName, byteSize(bytes), pace, `${duration(seconds)} so far`]
    const parts = [phaseName, `${Math.floor(progress * 100)} %`]
    if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`)
    return [...parts, `${byteSize(bytes)} of ${byteSize(totalBytes)}`, pace]
  }
}

function bar(progress: number, width: number): string {
  const done = Math.round(progress * width)
  return '█'.repeat(done) + '░'.repeat(width - done)
}
