import { isMixed } from '../csv/scan.js'

const LF = 0x0a
const CR = 0x0d

/** Bytes of a chunk: more than a socket's buffer holds, so that every write waits for the kernel. */
const CHUNK = 256 * 1024

/** Line ends by the bit that the scan has for each. */
const LINE_ENDS = new Map([
  [1, Buffer.from('\n')],
  [2, Buffer.from('\r')],
  [4, Buffer.from('\r\n')],
])
const USUAL = 1

/** Text for one COPY, in chunks that share one buffer. All its lines have the same line end; COPY requires that. */
export class CopyText {
  #chunk: Buffer
  #filled = 0
  #recordEnds = 0
  #lineEnd = LINE_ENDS.get(USUAL) as Buffer

  /** @param expected bytes of the text, at least */
  constructor(expected: number) {
    this.#chunk = Buffer.allocUnsafe(Math.min(CHUNK, 2 * expected))
  }

  /** The line end of its lines, as a bit of the scan; 0 until the first records decide. */
  get recordEnds(): number {
    return this.#recordEnds
  }

  /**
   * Uses the line end of the first records that have one. If these differ, the last of them decides, because it is the
   * most likely to continue.
   * @param recordEnds bits of the scan: the line ends that the records have
   */
  endLinesLike(records: Uint8Array, recordEnds: number): void {
    if (this.#recordEnds !== 0 || recordEnds === 0) return
    this.#recordEnds = isMixed(recordEnds) ? lastLineEnd(records) : recordEnds
    this.#lineEnd = LINE_ENDS.get(this.#recordEnds) as Buffer
  }

  hasRoomFor(records: Uint8Array): boolean {
    return this.#filled === 0 || this.#filled + records.length + this.#lineEnd.length <= this.#chunk.length
  }

  /** @param records one or more; only the last may lack its line end, which is added then */
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

  /** The text that was added since the last call; valid until more is added. */
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
