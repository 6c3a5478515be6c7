/** Bytes of a chunk: large enough that the time until an answer does not count, small enough for several in memory. */
const CHUNK = 4 * 1024 * 1024

/** The first: there may be many sources of which only the beginning is looked at for the time being. */
const FIRST_CHUNK = 512 * 1024

/** Chunks on their way or waiting for the consumer, once it goes on. */
const AT_ONCE = 4

/** Fills `into` from an absolute offset; gives up as soon as it is told to. */
export type Filling = (into: Uint8Array, offset: number, signal: AbortSignal) => Promise<unknown>

/**
 * The bytes of an interval in order, several chunks of which are fetched at the same time. Nothing is fetched twice, and
 * nothing while the consumer leaves as many chunks untaken as there may be at once. Each chunk is the consumer's.
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
        filled.catch(() => {}) // it is told when its turn has come
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
