import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Aborts when the client has its answer, or has gone away before. */
export function whenLeft({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => left.abort())
  return left.signal
}

/** Writes a part of the answer, and waits until there is room for more. */
export type Write = (bytes: Uint8Array | string) => Promise<void>

/**
 * Answers with what is written bit by bit, as fast as the client reads. An error before the first bit becomes a problem; one after it
 * breaks the connection, so that nobody takes a part for the whole.
 */
export async function sendStreamed(
  reply: FastifyReply,
  type: string,
  produce: (write: Write) => Promise<void>,
): Promise<never> {
  const out = new PassThrough()
  // Its error is the reader's, which may be gone.
  out.on('error', () => {})
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const write: Write = async (bytes) => {
    begin()
    if (out.destroyed) throw new Error('the reader is gone')
    if (bytes.length > 0 && !out.write(bytes)) await drained(out)
  }
  const produced = produce(write)
  produced.then(
    () => out.end(),
    (error) => out.destroy(error),
  )
  await Promise.race([begun, produced])
  return reply.type(type).send(out) as never
}

function drained(out: PassThrough): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => (): void => {
      out.off('drain', go)
      out.off('close', stop)
      settle()
    }
    const go = end(resolve)
    const stop = end(() => reject(new Error('the reader is gone')))
    out.once('drain', go)
    out.once('close', stop)
  })
}

/** Which of the types a client prefers, by its header Accept; the first if it has no preference. */
export function preferred<Type extends string>(accept: string | undefined, types: readonly Type[]): Type {
  const [first] = types as [Type]
  const qualities = types.map((type) => ({ type, quality: qualityOf(accept ?? '*/*', type) }))
  const best = qualities.reduce((one, other) => (other.quality > one.quality ? other : one))
  return best.quality > 0 ? best.type : first
}

function qualityOf(accept: string, type: string): number {
  const [family] = type.split('/')
  const qualities = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((each) => each.trim())
    if (![type, `${family}/*`, '*/*'].includes(range.toLowerCase())) return undefined
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2)
    // What is named outranks what is only among others.
    return Number(q ?? 1) - (range === type ? 0 : 0.001)
  })
  return Math.max(0, ...qualities.filter((quality) => quality !== undefined))
}
