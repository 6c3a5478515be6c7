import { RecordOffsets } from '../ledger/record-offsets.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { PartsOfRange } from '../ranges/record-parts.js'
import { ExactReader } from '../source/exact-reader.js'
import { BlockReader, type RangeReader } from '../source/reader.js'

/** Bytes read and sent at a time: more than a socket's buffer holds, so that every write waits for the kernel. */
const CHUNK = 256 * 1024

/** Reads the text of ranges: from the block that a range brings, or else from its source. */
export class RangeText {
  readonly #sources: readonly SourcePlan[]
  readonly #readers: readonly (RangeReader | undefined)[]
  readonly #chunk = new Uint8Array(CHUNK)
  readonly #leftOut = new Collected()
  #offsets: RecordOffsets | undefined

  /** @param readers by the ordinal of the source; undefined for a source whose ranges bring their text */
  constructor(sources: readonly SourcePlan[], readers: readonly (RangeReader | undefined)[]) {
    this.#sources = sources
    this.#readers = readers
  }

  /** The text without the omitted records, in chunks, each valid until the next one is requested. */
  *stagedOf(range: Range): Generator<Uint8Array> {
    const omitted = new PartsOfRange(range.start, range.omitted)
    this.#leftOut.clear()
    let at = range.start
    for (const chunk of this.chunksOf(range)) {
      const length = omitted.removeFrom(chunk, at, (part) => this.#leftOut.add(part))
      if (length > 0) yield chunk.subarray(0, length)
      at += chunk.length
    }
  }

  /** What `stagedOf` has left out of the last range; valid until it is called again. */
  get leftOut(): Uint8Array {
    return this.#leftOut.bytes
  }

  /** The text in chunks, each valid until the next one is requested. */
  *chunksOf(range: Range): Generator<Uint8Array> {
    const { start, end, block } = range
    const { read } = this.readerOf(range)
    for (let at = start; at < end; at += CHUNK) {
      const length = Math.min(CHUNK, end - at)
      const chunk = block?.subarray(at - start, at - start + length) ?? this.#chunk.subarray(0, length)
      if (!block) read(chunk, at)
      yield chunk
    }
  }

  readerOf({ source, start, block }: Range): ExactReader {
    const reader = block ? new BlockReader(block, start) : (this.#readers[source] as RangeReader)
    return new ExactReader(reader, this.#planOf(source).name)
  }

  /** The offsets of its records, which are stored for a stream. */
  recordOffsetsOf(range: Range): Buffer {
    this.#offsets ??= new RecordOffsets()
    return this.#offsets.of(range, this.#planOf(range.source), this.readerOf(range).read)
  }

  #planOf(source: number): SourcePlan {
    return this.#sources[source] as SourcePlan
  }
}

/** Bytes that are put together, in memory that is used again. */
class Collected {
  #memory = new Uint8Array(0)
  #length = 0

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length
    if (length > this.#memory.length) {
      const larger = new Uint8Array(2 * length)
      larger.set(this.bytes)
      this.#memory = larger
    }
    this.#memory.set(part, this.#length)
    this.#length = length
  }
}
