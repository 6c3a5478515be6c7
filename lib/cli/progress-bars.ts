import { type Options, SingleBar } from 'cli-progress'
import type { Phase } from '../progress.js'
import { Pace } from './pace.js'
import { byteSize, count, duration, printable } from './printable.js'
import type { ProgressDisplay } from './progress.js'

const WIDEST_BAR = 30

/**
 * One bar, redrawn in place: phase, bytes, records per second and time left. What does not fit into the
 * terminal is left out, from the right.
 */
export class ProgressBars implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream
  readonly #pace = new Pace()
  readonly #bar: SingleBar
  readonly #timer: NodeJS.Timeout

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

  phase(phase: Phase, totalBytes?: number): void {
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
    clearInterval(this.#timer)
    this.#bar.stop()
  }

  #draw(): void {
    const { phaseName, bytes, totalBytes = 0 } = this.#pace
    const copied = totalBytes > 0 ? Math.min(bytes / totalBytes, 1) : 0
    this.#bar.update(phaseName === 'plan' ? 0 : phaseName === 'copy' ? copied : 1)
  }

  #line(progress: number): string {
    const width = (this.#stream.columns || 80) - 1
    const { phaseName, bytes, totalBytes, records, recordsPerSecond, secondsLeft, seconds } = this.#pace
    const parts = [phaseName.padEnd(9)]
    if (phaseName === 'copy') {
      parts.push(`${Math.floor(progress * 100)} %`.padStart(5))
      if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`)
      parts.push(totalBytes === undefined ? byteSize(bytes) : `${byteSize(bytes)} of ${byteSize(totalBytes)}`)
      parts.push(`${count(Math.round(recordsPerSecond))} records/s`)
    } else if (phaseName !== 'plan') {
      parts.push(`${count(records)} records`, `${duration(seconds)} so far`)
    }
    while (parts.length > 1 && parts.join('  ').length > width) parts.pop()
    const text = parts.join('  ').slice(0, width)
    const room = Math.min(WIDEST_BAR, width - text.length - 2)
    return room < 8 ? text : `${bar(progress, room)}  ${text}`
  }
}

function bar(progress: number, width: number): string {
  const done = Math.round(progress * width)
  return '█'.repeat(done) + '░'.repeat(width - done)
}
