import { isMixed } from '../csv/scan.js'

const LF = 0x0a
const CR = 0x0d

/** Bytes; larger than a socket's buffer, so that every write waits for the kernel. */
const CHUNK = 256 * 1024

/** By the scan's kinds of record ends. */
const LINE_ENDS = new Map([
  [1, Buffer.from('\n')],
  [2, Buffer.from('\r')],
  [4, Buffer.from('\r\n')],
])
const USUAL = 1

/** Text for one COPY, in chunks that share one buffer. All its lines end alike, or COPY would refuse it. */
export class CopyText {
  #chunk: Buffer
  #filled = 0
  #recordEnds = 0
  #lineEnd = LINE_ENDS.get(USUAL) as Buffer

  /** @param expected bytes */
  constructor(expected: number) {
    this.#chunk = Buffer.allocUnsafe(Math.min(CHUNK, 2 * expected))
  }

  /** How its lines end, as the scan's kind; 0 as long as that is open. */
  get recordEnds(): number {
    return this.#recordEnds
  }

  /**
   * The first records that have a line end decide; if they end in several ways the last one does, as the likeliest to
   * go on.
   * @param recordEnds the scan's kinds
   */
  endLinesLike(records: Uint8Array, recordEnds: number): void {
    if (this.#recordEnds !== 0 || recordEnds === 0) return
    this.#recordEnds = isMixed(recordEnds) ? lastLineEnd(records) : recordEnds
    this.#lineEnd = LINE_ENDS.get(this.#recordEnds) as Buffer
  }

  hasRoomFor(records: Uint8Array): boolean {
    return this.#filled === 0 || this.#filled + records.length + this.#lineEnd.length <= this.#chunk.length
  }

  /** @param records one without its line end, or several of which only the last may lack it */
  add(records: Uint8Array): void {
    const most = this.#filled + records.length + this.#lineEnd.length
    if (most > this.#chunk.length) this.#chunk = Buffer.allocUnsafe(most)
    this.#chunk.set(records, this.#filled)
    this.#filled += records.length
    const last = records.at(-1)
    if (last === LF || last === CR) return
    this.#chunk.set(this.#lineEnd, this.#filled)
    this.#filled += this.#lineEnd.length
  }

  /** What was added since it was asked last; valid until something is added. */
  take(): Uint8Array {
    const taken = this.#chunk.subarray(0, this.#filled)
    this.#filled = 0
    return taken
  }
}

function lastLineEnd(records: Uint8Array): number {
  if (records.at(-1) === CR) return 2
  return records.at(-1) === LF && records.at(-2) === CR ? 4 : USUAL
}
