/** Bytes of a chunk: large enough that latency hardly matters, small enough to hold several in memory. */
const CHUNK = 4 * 1024 * 1024

/** Bytes of the first chunk: at first only the beginning of each source is needed. */
const FIRST_CHUNK = 512 * 1024

/** The most chunks that are requested or wait for the consumer, after the first one. */
const AT_ONCE = 4

/** Fills `into` from an offset; stops when the signal aborts. */
export type Fill = (into: Uint8Array, offset: number, signal: AbortSignal) => Promise<unknown>

/**
 * Reads bytes in order, with several chunks requested at a time, and no more of them while the consumer is that
 * many chunks behind. The consumer owns each chunk.
 * @param to the offset after the last byte
 */
export async function* readAhead(
  fill: Fill,
  from: number,
  to: number,
  ended: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, ended])
  const window: Promise<Uint8Array>[] = []
  let next = from
  try {
    for (let count = 0; ; count += 1) {
      while (window.length < Math.min(AT_ONCE, count + 1) && next < to) {
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
