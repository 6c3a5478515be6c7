import { ENOUGH_TO_TELL } from '../csv/pieces.js'
import { type ScanState, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'
import { Cut } from './cut.js'
import type { Gap } from './gaps.js'
import type { PlanOptions } from './planner.js'
import type { Range } from './range.js'
import { Window } from './window.js'

/**
 * Cuts a stream into ranges, as `planRanges` does a file; each range brings its text as a block. A block is a buffer
 * that is transferred to a worker, and reused when the range is staged.
 */
export class Blocks {
  readonly #source: Source
  readonly #options: PlanOptions
  readonly #free: ArrayBuffer[] = []
  #consumed = 0
  #ended = false

  constructor(source: Source, options: PlanOptions) {
    this.#source = source
    this.#options = options
  }

  /** Keeps a buffer to use it for a later block. */
  recycle(buffer: ArrayBuffer): void {
    if (!this.#ended) this.#free.push(buffer)
  }

  async *plan(gaps: readonly Gap[]): AsyncGenerator<Range> {
    for (const gap of gaps) yield* this.#planGap(gap)
    // The next source has buffers of its own.
    this.#ended = true
    this.#free.length = 0
  }

  async *#planGap({ start, end }: Gap): AsyncGenerator<Range> {
    const window = new Window(this.#source, start.offset, end, this.#allocate)
    let at = start
    for (;;) {
      await window.fill()
      if (window.isEmpty) return
      const { keys } = this.#options
      const bytes = window.from(at.offset)
      const scanned = this.#scan(window, at, Number.POSITIVE_INFINITY, keys?.starts(bytes.length))
      const { state } = scanned
      const reached = state.skipping ?? state
      if (reached.offset > at.offset) {
        const cut = new Cut(this.#source.ordinal, at)
        keys?.add(cut, bytes.subarray(0, reached.offset - at.offset), scanned.records)
        cut.add(scanned)
        yield this.#range(cut.at(reached), window.detach(reached.offset))
      } else if (!state.skipping) {
        window.grow()
      }
      at = state.skipping ? yield* this.#skipTooLong(window, state) : state
    }
  }

  /** Reads to the end of a record that is too long. Its range brings only the beginning of the record. */
  async *#skipTooLong(window: Window, inside: ScanState): AsyncGenerator<Range, ScanState> {
    const start = inside.skipping as NonNullable<ScanState['skipping']>
    const kept: Uint8Array[] = []
    let [from, length, at] = [start.offset, 0, inside]
    for (;;) {
      const passed = window.from(from).subarray(0, Math.min(at.offset - from, ENOUGH_TO_TELL - length))
      kept.push(passed.slice())
      length += passed.length
      from = at.offset
      window.drop(from)
      if (!at.skipping) break
      await window.fill()
      at = this.#scan(window, at, at.offset + 1).state
    }
    const [{ offset, line }, { offset: end, line: nextLine }] = [start, at]
    const range = {
      source: this.#source.ordinal,
      start: offset,
      end,
      line,
      nextLine,
      records: 1,
      flagged: true,
    }
    yield this.#range(range, new Uint8Array(Buffer.concat(kept)))
    return at
  }

  #scan(window: Window, at: ScanState, stopAt: number, starts?: Int32Array): ReturnType<typeof scan> {
    const { dialect, maxRecord, columns } = this.#options
    return scan(window.from(at.offset), at, {
      dialect,
      maxRecord,
      columns,
      final: window.final,
      stopAt,
      starts,
    })
  }

  #range(range: Omit<Range, 'delivered'>, block: Uint8Array): Range {
    const delivered = this.#source.consumed - this.#consumed
    this.#consumed += delivered
    return { ...range, block, delivered }
  }

  #allocate = (base: number, least: number): Uint8Array => {
    const length = Math.max(this.#options.sizeAt(base), least + 1)
    const index = this.#free.findIndex((buffer) => buffer.byteLength >= length)
    const buffer = index < 0 ? undefined : this.#free.splice(index, 1)[0]
    // Blocks grow, so a buffer that is too small now is never used again.
    if (!buffer && this.#free.length > 0) this.#free.shift()
    return new Uint8Array(buffer ?? new ArrayBuffer(length))
  }
}
