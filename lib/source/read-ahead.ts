/** Bytes of a chunk: large enough to make latency irrelevant, small enough for several in memory. */
const CHUNK = 4 * 1024 * 1024

/** Bytes of the first chunk: of many sources only the beginning may be needed at first. */
const FIRST_CHUNK = 512 * 1024

/** Chunks that are requested or wait for the consumer, once it continues. */
const AT_ONCE = 4

/** Fills `into` from an absolute offset; stops when the signal aborts. */
export type Filling = (into: Uint8Array, offset: number, signal: AbortSignal) => Promise<unknown>

/**
 * The bytes of an interval in order, with several chunks requested at a time. Nothing is requested twice, and nothing
 * while the consumer is that many chunks behind. The consumer owns each chunk.
 */
export async function* readAhead(
  fill: Filling,
  from: number,
  to: number,
  ended: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, ended])
  const window: Promise<Uint8Array>[] = []
  let next = from
  try {
    for (let taken = 0; ; taken += 1) {
      while (window.length < Math.min(AT_ONCE, taken + 1) && next < to) {
        const length = next === from ? FIRST_CHUNK : CHUNK
        const chunk = Buffer.allocUnsafeSlow(Math.min(length, to - next))
        const filled = fill(chunk, next, signal).then(() => chunk)
        filled.catch(() => {}) // reported when the consumer reaches it
        window.push(filled)
        next += chunk.length
      }
      const first = window.shift()
      if (!first) return
      yield await first
    }
  } finally {
    stop.abort()
    await Promise.allSettled(window)
  }
}
