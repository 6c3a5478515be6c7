import { setTimeout as sleep } from 'node:timers/promises'

/** Bytes in chunks of a size, which also tells how many were asked for and whether it was given back. */
export class Chunks implements AsyncIterable<Uint8Array> {
  /** Chunks that somebody took. */
  taken = 0
  returned = false
  readonly #bytes: Uint8Array
  readonly #size: number

  constructor(bytes: Uint8Array, size = 65_536) {
    this.#bytes = bytes
    this.#size = size
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < this.#bytes.length; at += this.#size) {
        this.taken += 1
        yield Uint8Array.from(this.#bytes.subarray(at, at + this.#size))
      }
    } finally {
      this.returned = true
    }
  }
}

/** All bytes of a stream. */
export async function drain(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Waits until a number no longer changes. @returns it */
export async function settled(read: () => number): Promise<number> {
  for (let last = Number.NaN; ; await sleep(50)) {
    const now = read()
    if (now === last) return now
    last = now
  }
}

/**
 * Takes one chunk, waits until nothing goes on any more, and stops after a look.
 * @param chunks below
 */
export async function takeOne(
  bytes: AsyncIterable<Uint8Array>,
  chunks: Chunks,
  between: () => void,
): Promise<void> {
  for await (const _ of bytes) {
    await settled(() => chunks.taken)
    between()
    return
  }
}

/** Breaks after its bytes, as a connection does. */
export async function* breaking(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield bytes
  throw error
}
